#!/bin/sh
# The workload of recordings/bindfs.fusetrace and recordings/unionfs.fusetrace.
cd "$MOUNT" || exit 1
step() { printf '::step %s\n' "$1"; }
end() { printf '::end\n'; }

step 'create and write'
printf 'hello\n' >a.txt
printf 'more\n' >>a.txt
end
step 'directories'
mkdir dir dir/inner
printf 'x' >dir/inner/file
ls -l dir >/dev/null
end
step 'rename'
mv a.txt b.txt
mv dir/inner moved
end
step 'links'
ln b.txt hard
ln -s b.txt soft
cat soft hard >/dev/null
end
step 'attributes'
chmod 640 b.txt
touch -d '2001-02-03 04:05:06' b.txt
setfattr -n user.colour -v blue b.txt 2>/dev/null
getfattr -n user.colour b.txt >/dev/null 2>&1
end
step 'odd names'
printf 'x' >'with space'
printf 'x' >"$(printf 'line one\nline two')"
printf 'x' >"$(printf 'not\377utf8')"
end
step 'errors'
cat missing 2>/dev/null
mkdir dir 2>/dev/null
rmdir moved 2>/dev/null
end
step 'parallel writers'
for i in 1 2 3 4; do
  (for j in 1 2 3 4 5; do printf '%s' "$i" >"parallel-$i-$j"; done) &
done
wait
end
step 'delete'
rm -r moved parallel-* b.txt hard soft
rmdir dir
end
exit 0
