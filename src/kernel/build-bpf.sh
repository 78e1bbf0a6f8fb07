#!/bin/sh
# Compiles fuse.bpf.c, with clang, llvm and libbpf-dev of Debian: sh src/kernel/build-bpf.sh [OUT]
set -eu
here=$(cd "$(dirname "$0")" && pwd)
out=${1:-$here/fuse.bpf.o}
# No paths of this machine in the object.
cd "$here"
clang -O2 -g -mcpu=v3 --target=bpf -I"/usr/include/$(uname -m)-linux-gnu" -ffile-prefix-map="$here"=. -Wall -Werror -c fuse.bpf.c -o "$out"
# BTF stays; DWARF and what only it needs goes.
llvm-strip -g "$out"
llvm-objcopy --remove-section=.rel.BTF --remove-section=.rel.BTF.ext --remove-section=.llvm_addrsig "$out"
