# Run by `fusetrace record --workload`; ends with 0 when all was as it should be.
set -eu
. "$CLIENTS/fusetrace.sh"

since=$(ft_mark)
ft_step create sh -c 'echo hi > "$MOUNT/a.txt"'
ft_wait file-visible a.txt --since "$since"
ft_wait write-complete a.txt --since "$since"
make() { mkdir "$MOUNT/dir" && made=$1; }
ft_step make make here
[ "$made" = here ]
ft_wait dir-visible dir --since "$since"
ft_wait operation --opcode mkdir --path '/d*' --since "$since" --json | grep -q '"opcode":"mkdir"'
ft_operations --since "$since" | grep -q create
if ft_wait deleted a.txt --timeout 50 2>unmet.txt; then exit 10; fi
grep -q 'awaited' unmet.txt
status=0
ft_wait file-seen a.txt 2>/dev/null || status=$?
[ "$status" = 2 ]
status=0
ft_step fail sh -c 'exit 7' || status=$?
[ "$status" = 7 ]
status=0
refuse() { return 8; }
outer() { ft_step refuse refuse; }
ft_step outer outer || status=$?
[ "$status" = 8 ]
# With set -e a function that fails ends the shell, and so the step.
if bash -ec '. "$CLIENTS/fusetrace.sh"; halt() { false; : > reached; }; ft_step halt halt'; then exit 11; fi
[ ! -e reached ]
# Without a monitor the function is not run.
status=0
FUSETRACE_SOCKET=/nowhere ft_step make make there 2>/dev/null || status=$?
[ "$status $made" = '3 here' ]
