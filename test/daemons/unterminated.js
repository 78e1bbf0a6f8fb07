// Its last line has no line feed, on either stream.
process.stdout.write('first\nlast of stdout')
process.stderr.write('last of stderr')
