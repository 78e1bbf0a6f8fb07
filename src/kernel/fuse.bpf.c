/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * What the kernel asks a FUSE daemon and what it is answered: every request of one connection, with its arguments, in a ring
 * buffer. `struct record` is read by bpf-record.ts. How to rebuild fuse.bpf.o: README.md.
 *
 * The kernel's types are declared with the members that are read and no others; where those really are is found when the
 * program is loaded (CO-RE).
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_tracing.h>

char LICENSE[] SEC("license") = "Dual MIT/GPL";

/* ---- the kernel's types ---- */

typedef _Bool bool;

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)
struct fuse_in_header {
	__u32 len;
	__u32 opcode;
	__u64 unique;
	__u64 nodeid;
	__u32 uid;
	__u32 gid;
	__u32 pid;
};
struct fuse_out_header {
	__u32 len;
	__s32 error;
};
struct fuse_in_arg {
	unsigned int size;
	const void *value;
};
struct fuse_arg {
	unsigned int size;
	void *value;
};
struct fuse_args {
	__u64 nodeid;
	__u32 opcode;
	__u8 in_numargs;
	__u8 out_numargs;
	bool in_pages : 1;
	bool out_pages : 1;
	bool out_argvar : 1;
	struct fuse_in_arg in_args[3];
	struct fuse_arg out_args[2];
};
/* Only its device number; far from the beginning, and elsewhere in every version. */
struct fuse_conn {
	__u32 dev;
};
struct fuse_mount {
	struct fuse_conn *fc;
};
struct refcount_struct {
	struct {
		int counter;
	} refs;
};
enum fuse_req_flag { FR_BACKGROUND = 2 };
struct fuse_req {
	struct fuse_args *args;
	struct refcount_struct count;
	unsigned long flags;
	struct {
		struct fuse_in_header h;
	} in;
	struct {
		struct fuse_out_header h;
	} out;
	struct fuse_mount *fm;
};
struct fuse_copy_state {
	struct fuse_req *req;
	bool write : 1;
};
#pragma clang attribute pop

/* ---- what user space reads ---- */

enum kind { SEND = 1, END = 2, TAKEN = 3, FORGET = 4, ENTRY = 5 };

/* The arguments are not all here: too long, or they could not be read. */
#define CUT 1
/* The answer may have been overwritten while it was read: its arguments are left out. */
#define UNSURE 2
/* A READDIRPLUS whose entries could not be read, or not all. */
#define ENTRIES_MISSING 4

#define HEAD 64
#define MAX_ARG 4096
#define MAX_BODY (2 * MAX_ARG - 1)
#define MAX_OUT 160

struct record {
	__u32 kind;
	__u32 connection;
	__u64 ns; /* CLOCK_MONOTONIC */
	__u64 unique; /* FORGET: how many lookups are given back */
	__u64 node; /* ENTRY: the node that is answered */
	__u32 opcode;
	__s32 error;
	__u32 len; /* of the whole request or answer, as FUSE counts */
	__u32 uid;
	__u32 gid;
	__u32 pid;
	__u32 flags;
	__u32 size; /* of the body */
	__u8 body[3 * MAX_ARG]; /* arguments as on the wire, one behind the other; MAX_BODY at most leave the kernel */
};

/* Shared with user space by mmap. */
struct state {
	__u32 mode; /* 0 nothing, 1 connections whose INIT was seen, 2 one connection */
	__u32 connection;
	__u32 waiting; /* user space sleeps until it is woken */
	__u32 unused;
	__u64 lost;
};

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 8 << 20);
} ring SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct state);
} state SEC(".maps");

/* Connections that were made since. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 1024);
	__type(key, __u32);
	__type(value, __u8);
} fresh SEC(".maps");

/* A record is put together here; one for each program, since one can interrupt the other. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 5);
	__type(key, __u32);
	__type(value, struct record);
} scratch SEC(".maps");

static __always_inline struct state *shared(void)
{
	__u32 key = 0;
	return bpf_map_lookup_elem(&state, &key);
}

static __always_inline bool wanted(struct state *s, __u32 connection, __u32 opcode)
{
	__u8 one = 1;
	if (s->mode == 2)
		return s->connection == connection;
	if (s->mode != 1)
		return 0;
	if (opcode == 26)
		bpf_map_update_elem(&fresh, &connection, &one, BPF_ANY);
	return bpf_map_lookup_elem(&fresh, &connection) != 0;
}

/* An empty record, when this connection is wanted. */
static __noinline struct record *begin(__u32 kind, struct fuse_conn *fc, __u32 opcode)
{
	struct state *s = shared();
	__u32 key = kind - 1, connection = fc->dev;
	struct record *r;
	if (!s || !wanted(s, connection, opcode))
		return 0;
	r = bpf_map_lookup_elem(&scratch, &key);
	if (!r)
		return 0;
	r->kind = kind;
	r->connection = connection;
	r->ns = bpf_ktime_get_ns();
	r->unique = 0;
	r->node = 0;
	r->opcode = opcode;
	r->error = 0;
	r->len = 0;
	r->uid = 0;
	r->gid = 0;
	r->pid = 0;
	r->flags = 0;
	r->size = 0;
	return r;
}

/* Hands it to user space; `wake` for what somebody may wait for. Who does not sleep is not woken. */
static __noinline void commit(struct record *r, bool wake)
{
	struct state *s = shared();
	__u64 flags = BPF_RB_NO_WAKEUP;
	__u32 size = r->size;
	if (!s)
		return;
	if (size > MAX_BODY)
		size = MAX_BODY;
	if (wake && s->waiting) {
		s->waiting = 0;
		flags = BPF_RB_FORCE_WAKEUP;
	}
	if (bpf_ringbuf_output(&ring, r, HEAD + size, flags))
		__sync_fetch_and_add(&s->lost, 1);
}

/* Puts `size` bytes behind the body. */
static __noinline void append(struct record *r, const void *from, __u32 size)
{
	__u32 at = r->size;
	__u64 bytes = size;
	if (size == 0)
		return;
	if ((r->flags & CUT) || !from || at > MAX_BODY || size > MAX_BODY || at + size > MAX_BODY) {
		r->flags |= CUT;
		return;
	}
	/* Said once more, where the compiler cannot take it apart, for the verifier. */
	barrier_var(bytes);
	if (bytes > MAX_ARG || bpf_probe_read_kernel(&r->body[at & MAX_BODY], bytes, from)) {
		r->flags |= CUT;
		return;
	}
	r->size = at + size;
}

static __always_inline void head(struct record *r, struct fuse_req *req)
{
	r->unique = req->in.h.unique;
	r->node = req->in.h.nodeid;
	r->len = req->in.h.len;
	r->uid = req->in.h.uid;
	r->gid = req->in.h.gid;
	r->pid = req->in.h.pid;
}

/* ---- programs ---- */

enum opcode { SETXATTR = 21, INIT = 26, READDIRPLUS = 44 };

SEC("tp_btf/fuse_request_send")
int BPF_PROG(request_send, struct fuse_req *req)
{
	struct fuse_args *args = req->args;
	struct record *r = begin(SEND, req->fm->fc, req->in.h.opcode);
	int count, i;
	if (!r)
		return 0;
	head(r, req);
	count = args->in_numargs;
	/* Data: pages, or the value of an attribute, which is nobody's business. */
	if (BPF_CORE_READ_BITFIELD(args, in_pages))
		count--;
	if (r->opcode == SETXATTR)
		count = 2;
#pragma unroll
	for (i = 0; i < 4; i++)
		if (i < count)
			append(r, BPF_CORE_READ(args, in_args[i].value), BPF_CORE_READ(args, in_args[i].size));
	commit(r, 0);
	return 0;
}

/* struct fuse_direntplus */
struct direntplus {
	__u64 node;
	__u8 entry_out[120];
	__u64 ino;
	__u64 off;
	__u32 namelen;
	__u32 type;
};

struct listing {
	const char *from;
	struct fuse_req *req;
	__u32 at, size;
	bool whole;
};

static long entry(__u64 index, struct listing *l)
{
	struct direntplus d;
	struct record *r;
	__u32 key = ENTRY - 1;
	if (l->at + sizeof(d) > l->size) {
		l->whole = 1;
		return 1;
	}
	if (bpf_probe_read_kernel(&d, sizeof(d), l->from + l->at))
		return 1;
	if (d.namelen == 0 || d.namelen > MAX_ARG || l->at + sizeof(d) + d.namelen > l->size)
		return 1;
	r = bpf_map_lookup_elem(&scratch, &key);
	if (!r)
		return 1;
	r->node = d.node;
	r->size = 0;
	r->flags = 0;
	append(r, l->from + l->at + sizeof(d), d.namelen);
	commit(r, 0);
	l->at += (sizeof(d) + d.namelen + 7) & ~7U;
	return 0;
}

/* What a READDIRPLUS answers: an ENTRY for each name, before its END. */
static __always_inline __u32 entries(struct fuse_req *req, struct fuse_args *args, __u32 size)
{
	struct listing l = {};
	struct record *r;
	if (size == 0)
		return 0;
	/* Before Linux 6.16 they are in pages. */
	if (BPF_CORE_READ_BITFIELD(args, out_pages))
		return ENTRIES_MISSING;
	l.from = args->out_args[0].value;
	l.size = size;
	if (!l.from)
		return ENTRIES_MISSING;
	r = begin(ENTRY, req->fm->fc, READDIRPLUS);
	if (!r)
		return ENTRIES_MISSING;
	r->unique = req->in.h.unique;
	bpf_loop(1 << 16, entry, &l, 0);
	return l.whole ? 0 : ENTRIES_MISSING;
}

SEC("tp_btf/fuse_request_end")
int BPF_PROG(request_end, struct fuse_req *req)
{
	struct fuse_args *args = req->args;
	struct record *r = begin(END, req->fm->fc, req->in.h.opcode);
	int count, i;
	if (!r)
		return 0;
	head(r, req);
	r->error = req->out.h.error;
	r->len = req->out.h.len;
	if (r->error == 0 && r->len > 16) {
		count = args->out_numargs;
		if (r->opcode == READDIRPLUS)
			r->flags |= entries(req, args, r->len - 16);
		/* Data: pages, lists, values. */
		if (BPF_CORE_READ_BITFIELD(args, out_argvar) && r->opcode != INIT)
			count--;
#pragma unroll
		for (i = 0; i < 2; i++) {
			__u32 size = BPF_CORE_READ(args, out_args[i].size);
			if (size > r->len - 16)
				size = r->len - 16;
			if (i < count && size <= MAX_OUT)
				append(r, BPF_CORE_READ(args, out_args[i].value), size);
		}
		/* Who waits for the answer may have gone on by now, and its memory, which was read, may hold something else. */
		if (!(req->flags & (1UL << bpf_core_enum_value(enum fuse_req_flag, FR_BACKGROUND))) &&
		    req->count.refs.counter < 2) {
			r->flags |= UNSURE;
			r->size = 0;
		}
	}
	commit(r, 1);
	return 0;
}

static __always_inline int taken(struct fuse_req *req)
{
	struct record *r;
	if (!req || !req->fm)
		return 0;
	r = begin(TAKEN, req->fm->fc, req->in.h.opcode);
	if (!r)
		return 0;
	r->unique = req->in.h.unique;
	commit(r, 0);
	return 0;
}

/* The daemon takes a request: newer kernels tell; */
SEC("?tp_btf/fuse_request_sent")
int BPF_PROG(request_sent, struct fuse_req *req)
{
	return taken(req);
}

/* in others its arguments are copied. */
SEC("?fentry/fuse_copy_args")
int BPF_PROG(copy_args, struct fuse_copy_state *copy)
{
	if (!BPF_CORE_READ_BITFIELD(copy, write))
		return 0;
	return taken(copy->req);
}

/* The kernel gives a node back; the number may come again, as another file's. */
SEC("?fentry/fuse_queue_forget")
int BPF_PROG(queue_forget, struct fuse_conn *fc, void *forget, __u64 node, __u64 lookups)
{
	struct record *r = begin(FORGET, fc, 2);
	if (!r)
		return 0;
	r->unique = lookups;
	r->node = node;
	commit(r, 0);
	return 0;
}
