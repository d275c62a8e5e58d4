/* SPDX-License-Identifier: MIT */
#ifndef MLW_EVENT_H
#define MLW_EVENT_H

/*
 * What a ring carries, word by word.
 *
 * A ring is an array of 64-bit words. An event is one word, or several that follow each
 * other without crossing the ring's end (a PAD event fills what is left there). First
 * word of every event:
 *
 *	bit  63                                16 15        4 3     0
 *	     |             value (48)            |  arg (12)  | type |
 *
 * The order of words in a ring is the order in which its thread did things, but for
 * events of a signal handler that interrupted a hook: those follow the event that they
 * interrupted.
 *
 *	PAD		value = words to skip, this one included.
 *	ALLOC		value = address; arg = stack slot and ticket flag.
 *			2nd word: size (low 32 bits), ticket (high 32 bits).
 *	FREE		value = address; arg = ticket flag. 2nd word only with the flag:
 *			the ticket (low 32 bits). Written before the real free.
 *	REALLOC_FREE	as FREE: the old block of a realloc, before the real one.
 *	REALLOC_ALLOC	as ALLOC: the new block, after the real one succeeded.
 *	REALLOC_UNDO	as FREE: the real realloc failed, the old block lives on.
 *			After a REALLOC_FREE the thread's next REALLOC_* event ends the
 *			realloc, or a CONTROL of that name; realloc(NULL, n) is
 *			REALLOC_ALLOC alone.
 *	STACK		changes what the thread's next allocation refers to, see below.
 *	TIME		value = microseconds since the start of the run: everything that
 *			follows happened then or later.
 *	GENERATION	value = module generation. The set of loaded modules changed: the
 *			cursor and every memo slot are empty, pcs that follow belong to
 *			the modules announced with this generation.
 *	LOST		value = events that were lost here; cursor and memo are empty.
 *	SWITCH		value = index of the ring in which this thread goes on; cursor and
 *			memo stay as they are. The last event of this ring.
 *	MAP		value = address; arg as ALLOC. 2nd word: length in bytes. 3rd:
 *			ticket (low 32 bits), domain kind (high 32 bits, enum mlw_map_kind).
 *	UNMAP		value = address; arg as FREE. 2nd word: length. 3rd: as MAP.
 *			Of a kind from MLW_MAP_TRACKED on they are a block of one of the
 *			program's own domains that begins (in the place of one that is
 *			there already) and ends: length is its size, 0 in an UNMAP.
 *	POOL		value = pool, an address that stands for it; arg as ALLOC. 2nd
 *			word: ticket (low 32 bits), enum mlw_pool_op (8 bits), domain
 *			kind (16 bits, CREATE). 3rd: CREATE: address of its memory;
 *			ALLOC, FREE: of the block. 4th: CREATE: bytes of its memory;
 *			ALLOC: size. 5th: CREATE: bytes that each block takes, 0: as
 *			many as its size. What is not named here is 0. FREE comes before
 *			the block is given back, ALLOC after it was taken.
 *	SIZE		value = high 32 bits of the size of the ALLOC or REALLOC_ALLOC
 *			that follows next. No size is above MLW_SIZE_MOST.
 *	CONTROL		arg = enum mlw_control, value and further words as said there.
 *
 * Stacks. The collector keeps for each thread a cursor (the stack that was sent last,
 * outermost frame first) and a memo of MLW_MEMO_SLOTS stacks.
 *
 *	STACK		arg = slot (11 bits) and detached flag
 *			value = keep (low 16) | push << 16 | flags << 32
 *			then `push` words: pcs, outermost first
 *
 * The cursor becomes its own outermost `keep` frames with the pushed ones on top; unless
 * slot is MLW_SLOT_NONE the result is also stored in that memo slot. With the detached
 * flag cursor and memo stay untouched: the pushed frames (keep is 0) are the stack of the
 * next ALLOC, REALLOC_ALLOC or MAP alone. Slot MLW_SLOT_NONE in an allocation means "the
 * stack of the STACK event just before, or else the cursor"; another slot, "as the memo
 * has it" (the cursor does not move).
 *
 * A pc is a return address: the call is at pc - 1. Bit MLW_PC_EXACT marks one that is
 * itself the interrupted instruction (the frame below a signal frame).
 *
 * Tickets. Once a process has a second thread (mlw_segment.threaded), every event that
 * names an address takes the next ticket of counter mlw_ticket_index(address): a free
 * before the real free, an allocation after the real malloc. Events of one counter, in
 * ticket order (32 bits, modulo 2^32), are in the order in which they happened. Events
 * without a ticket precede all events with one. MAP and UNMAP of mappings use counter
 * MLW_TICKET_MAPS, those of tracked blocks the counter of their address. POOL uses that
 * of the pool's, so that all that happens to one pool is in order.
 */

#include <stdint.h>

enum mlw_event_type {
	MLW_EVENT_PAD = 0,
	MLW_EVENT_ALLOC = 1,
	MLW_EVENT_FREE = 2,
	MLW_EVENT_REALLOC_FREE = 3,
	MLW_EVENT_REALLOC_ALLOC = 4,
	MLW_EVENT_REALLOC_UNDO = 5,
	MLW_EVENT_STACK = 6,
	MLW_EVENT_TIME = 7,
	MLW_EVENT_GENERATION = 8,
	MLW_EVENT_LOST = 9,
	MLW_EVENT_SWITCH = 10,
	MLW_EVENT_MAP = 11,
	MLW_EVENT_UNMAP = 12,
	MLW_EVENT_SIZE = 13,
	MLW_EVENT_POOL = 14,
	MLW_EVENT_CONTROL = 15,
};

enum mlw_control {
	MLW_CONTROL_FORK = 1, /* value: fork sequence number, just before fork() */
	MLW_CONTROL_CHILD = 2, /* value: pid of the child that fork() returned */
	MLW_CONTROL_EXEC = 3, /* an exec is about to be tried */
	MLW_CONTROL_EXEC_FAILED = 4, /* it failed: the process goes on as before */
	MLW_CONTROL_EXIT = 5, /* value: status given to exit, _exit or quick_exit */
	/* The thread ends: what follows is libc's tidying up. */
	MLW_CONTROL_THREAD_EXIT = 6,
	MLW_CONTROL_SNAPSHOT = 7, /* a snapshot was asked for here (--snapshot-signal) */
	MLW_CONTROL_SCOPE = 8, /* value: what the thread allocates from here on is in
	                          scope n - 1 of mlw_segment.scopes, 0: in none */
	/* The thread's realloc, whose REALLOC_FREE was told, has succeeded; the new block
	 * is none of the recording's (--sample). */
	MLW_CONTROL_REALLOC_END = 9,
};

enum mlw_pool_op {
	MLW_POOL_CREATE = 1, /* in the place of one that goes by that address already */
	MLW_POOL_ALLOC = 2,
	MLW_POOL_FREE = 3,
	MLW_POOL_RESET = 4, /* all its blocks end */
	MLW_POOL_DESTROY = 5, /* and so does the pool */
};

enum mlw_map_kind {
	MLW_MAP_MMAP = 1,
	MLW_MAP_BRK = 2,
	MLW_MAP_TRACKED = 16, /* + n: domain n of mlw_segment.domains */
};

enum mlw_stack_flag {
	/* The unwinder could not go on: outermost frames are missing. */
	MLW_STACK_CUT = 1,
	/* Deeper than MLW_STACK_MAX_FRAMES: outermost frames left out. */
	MLW_STACK_DEEP = 2,
};

#define MLW_MEMO_SLOTS       2047u
#define MLW_SLOT_NONE        0x7ffu
#define MLW_ARG_SLOT         0x7ffu /* mask: stack slot within arg */
#define MLW_ARG_TICKET       0x800u /* ALLOC, FREE, ...: this event has a ticket */
#define MLW_ARG_DETACHED     0x800u /* STACK: cursor and memo stay untouched */
#define MLW_STACK_MAX_FRAMES 1024u
#define MLW_STACK_MAX_KEEP   16384u /* deepest cursor */
#define MLW_EVENT_MAX_WORDS  (MLW_STACK_MAX_FRAMES + 8u)
#define MLW_PC_EXACT         (UINT64_C(1) << 63)
#define MLW_SIZE_MOST        (UINT64_C(1) << 48) /* of a block, a mapping, a pool: bytes */

static inline uint64_t mlw_word(enum mlw_event_type type, uint32_t arg, uint64_t value)
{
	return (uint64_t)type | (uint64_t)arg << 4 | value << 16;
}

static inline enum mlw_event_type mlw_word_type(uint64_t word)
{
	return (enum mlw_event_type)(word & 15);
}

static inline uint32_t mlw_word_arg(uint64_t word)
{
	return (uint32_t)(word >> 4) & 0xfff;
}

static inline uint64_t mlw_word_value(uint64_t word)
{
	return word >> 16;
}

#define MLW_TICKET_COUNTERS 256u
#define MLW_TICKET_MAPS     255u

/*
 * Which counter orders the events of an address: one for each MiB, spread over the
 * first 255 counters, so that threads with arenas of their own touch counters of their
 * own.
 */
static inline uint32_t mlw_ticket_index(uint64_t address)
{
	uint32_t mib = (uint32_t)(address >> 20);

	return (uint32_t)(((uint64_t)(mib * UINT32_C(0x9e3779b1)) * MLW_TICKET_MAPS) >>
	                  32);
}

/* The same for a MAP or UNMAP, which are about mappings or about one address. */
static inline uint32_t mlw_map_ticket_index(uint64_t address, uint32_t kind)
{
	return kind < MLW_MAP_TRACKED ? MLW_TICKET_MAPS : mlw_ticket_index(address);
}

#endif /* MLW_EVENT_H */
