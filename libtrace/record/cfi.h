/* SPDX-License-Identifier: MIT */
#ifndef MLW_CFI_H
#define MLW_CFI_H

/*
 * Call frame information: how to get from one frame to the one that called it.
 * DWARF 5 section 6.4 for the programs, the Linux Standard Base (Core, 10.6) for
 * .eh_frame and .eh_frame_hdr, the x86-64 psABI (3.6) for register numbers.
 *
 *	.eh_frame_hdr --search--> FDE --> CIE; both programs run up to pc --> a row
 *
 * A row says for one pc where the CFA is (the caller's stack pointer at the call) and
 * where each register of the caller is found. All reads stay inside the readable segment
 * that holds the tables: a damaged .eh_frame gives no row or a wrong one, never a fault.
 *
 * struct mlw_cfi is 4 KiB of scratch: it lives with the thread's other memory, because
 * the program's stack may be a small one.
 */

#include <stdbool.h>
#include <stdint.h>

#include "record/objects.h"

#define MLW_REG_RBX   3u
#define MLW_REG_RBP   6u
#define MLW_REG_RSP   7u
#define MLW_REG_RIP   16u
#define MLW_REG_COUNT 17u

enum mlw_where {
	MLW_WHERE_SAME = 0, /* the caller has it as it is now */
	MLW_WHERE_UNDEFINED,
	MLW_WHERE_AT_CFA, /* saved at CFA + offset */
	MLW_WHERE_IS_CFA, /* is CFA + offset */
	MLW_WHERE_AT_EXPRESSION, /* saved at the address that an expression gives */
	MLW_WHERE_IS_EXPRESSION, /* is what an expression gives */
	MLW_WHERE_REGISTER, /* is `reg` + offset (of a CFA), or `reg` */
};

struct mlw_place {
	union {
		int64_t offset;
		const uint8_t *expression; /* borrowed from the object */
	};
	uint32_t size; /* of the expression */
	uint8_t where, reg;
};

struct mlw_cfi_row {
	struct mlw_place cfa; /* REGISTER or IS_EXPRESSION */
	struct mlw_place places[MLW_REG_COUNT];
};

#define MLW_CFI_REMEMBERED 8u

struct mlw_cfi {
	const uint8_t *start, *end; /* the segment that holds the tables */
	uint64_t code_alignment;
	int64_t data_alignment;
	uint8_t pointer_encoding;
	bool augmented;
	bool signal_frame; /* the row is of a signal frame: the caller was interrupted */
	struct mlw_cfi_row row;
	struct mlw_cfi_row initial; /* as the CIE has it */
	struct mlw_cfi_row remembered[MLW_CFI_REMEMBERED];
};

/* Finds the row for the instruction at `address`. False: no CFI there, or damaged. */
bool mlw_cfi_find(struct mlw_cfi *cfi, const struct mlw_object *object,
                  uintptr_t address);

/*
 * For an `address` without CFI: does the next byte begin a function that has some? A
 * return address there was pushed by hand to end a stack (makecontext pushes the start of
 * __start_context): no call stands before it. Overwrites the row.
 */
bool mlw_cfi_ends_before(struct mlw_cfi *cfi, const struct mlw_object *object,
                         uintptr_t address);

/* A place in bytes that are read one after the other; `bad` once they ran out. */
struct mlw_reader {
	const uint8_t *at, *end;
	bool bad;
};

uint64_t mlw_read_fixed(struct mlw_reader *reader, unsigned size);
int64_t mlw_read_signed(struct mlw_reader *reader, unsigned size);
uint64_t mlw_read_uleb(struct mlw_reader *reader);
int64_t mlw_read_sleb(struct mlw_reader *reader);
void mlw_read_skip(struct mlw_reader *reader, uint64_t size);

#endif /* MLW_CFI_H */
