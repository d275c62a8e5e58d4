/* SPDX-License-Identifier: MIT */
#include "record/cfi.h"

#include <string.h>

/* DW_EH_PE_*: the low half is the format, the next three bits what it is relative to. */
enum {
	ENCODING_OMITTED = 0xff,
	ENCODING_FORMAT = 0x0f,
	ENCODING_RELATIVE = 0x70,
	ENCODING_INDIRECT = 0x80,
	RELATIVE_TO_PC = 0x10,
	RELATIVE_TO_DATA = 0x30,
	ENCODING_TABLE = 0x3b, /* the sorted table: 32 bits, relative to the header */
};

enum {
	CFA_ADVANCE = 0x40, /* these three carry their operand in the low 6 bits */
	CFA_OFFSET = 0x80,
	CFA_RESTORE = 0xc0,
	CFA_NOP = 0x00,
	CFA_SET_LOC = 0x01,
	CFA_ADVANCE1 = 0x02,
	CFA_ADVANCE2 = 0x03,
	CFA_ADVANCE4 = 0x04,
	CFA_OFFSET_EXTENDED = 0x05,
	CFA_RESTORE_EXTENDED = 0x06,
	CFA_UNDEFINED = 0x07,
	CFA_SAME_VALUE = 0x08,
	CFA_REGISTER = 0x09,
	CFA_REMEMBER = 0x0a,
	CFA_RESTORE_STATE = 0x0b,
	CFA_DEF = 0x0c,
	CFA_DEF_REGISTER = 0x0d,
	CFA_DEF_OFFSET = 0x0e,
	CFA_DEF_EXPRESSION = 0x0f,
	CFA_EXPRESSION = 0x10,
	CFA_OFFSET_SF = 0x11,
	CFA_DEF_SF = 0x12,
	CFA_DEF_OFFSET_SF = 0x13,
	CFA_VAL_OFFSET = 0x14,
	CFA_VAL_OFFSET_SF = 0x15,
	CFA_VAL_EXPRESSION = 0x16,
	CFA_GNU_ARGS_SIZE = 0x2e,
	CFA_GNU_NEGATIVE_OFFSET = 0x2f,
};

uint64_t mlw_read_fixed(struct mlw_reader *reader, unsigned size)
{
	uint64_t value = 0;

	if ((size_t)(reader->end - reader->at) < size) {
		reader->bad = true;
		reader->at = reader->end;
		return 0;
	}
	memcpy(&value, reader->at, size);
	reader->at += size;
	return value;
}

int64_t mlw_read_signed(struct mlw_reader *reader, unsigned size)
{
	unsigned unused = 64 - 8 * size;

	return (int64_t)(mlw_read_fixed(reader, size) << unused) >> unused;
}

static uint64_t read_leb(struct mlw_reader *reader, unsigned *bits, uint8_t *last)
{
	uint64_t value = 0;

	*bits = 0;
	do {
		*last = (uint8_t)mlw_read_fixed(reader, 1);
		if (*bits < 64)
			value |= (uint64_t)(*last & 0x7f) << *bits;
		*bits += 7;
	} while (*last & 0x80);
	return value;
}

uint64_t mlw_read_uleb(struct mlw_reader *reader)
{
	unsigned bits;
	uint8_t last;

	return read_leb(reader, &bits, &last);
}

int64_t mlw_read_sleb(struct mlw_reader *reader)
{
	unsigned bits;
	uint8_t last;
	uint64_t value = read_leb(reader, &bits, &last);

	if (bits < 64 && last & 0x40)
		value |= ~UINT64_C(0) << bits;
	return (int64_t)value;
}

void mlw_read_skip(struct mlw_reader *reader, uint64_t size)
{
	if ((uint64_t)(reader->end - reader->at) < size) {
		reader->bad = true;
		reader->at = reader->end;
		return;
	}
	reader->at += size;
}

static uint64_t read_format(struct mlw_reader *reader, uint8_t format)
{
	switch (format) {
	case 0x0:
	case 0x4:
	case 0xc:
		return mlw_read_fixed(reader, 8);
	case 0x1:
		return mlw_read_uleb(reader);
	case 0x2:
		return mlw_read_fixed(reader, 2);
	case 0x3:
		return mlw_read_fixed(reader, 4);
	case 0x9:
		return (uint64_t)mlw_read_sleb(reader);
	case 0xa:
		return (uint64_t)mlw_read_signed(reader, 2);
	case 0xb:
		return (uint64_t)mlw_read_signed(reader, 4);
	}
	reader->bad = true;
	return 0;
}

/* A pointer; what is relative to anything but itself or `data` is not ours to read. */
static uint64_t read_pointer(struct mlw_reader *reader, uint8_t encoding,
                             const uint8_t *data)
{
	uint64_t place = (uint64_t)(uintptr_t)reader->at, value;

	if (encoding == ENCODING_OMITTED)
		return 0;
	value = read_format(reader, encoding & ENCODING_FORMAT);
	switch (encoding & (ENCODING_RELATIVE | ENCODING_INDIRECT)) {
	case 0:
		return value;
	case RELATIVE_TO_PC:
		return value + place;
	case RELATIVE_TO_DATA:
		return value + (uint64_t)(uintptr_t)data;
	}
	reader->bad = true;
	return 0;
}

static int64_t factored(const struct mlw_cfi *cfi, int64_t value)
{
	return (int64_t)((uint64_t)value * (uint64_t)cfi->data_alignment);
}

static void set_offset(struct mlw_cfi *cfi, uint64_t reg, enum mlw_where where,
                       int64_t units)
{
	if (reg < MLW_REG_COUNT)
		cfi->row.places[reg] = (struct mlw_place){
			.where = where,
			.offset = factored(cfi, units),
		};
}

static void set_where(struct mlw_cfi *cfi, uint64_t reg, enum mlw_where where)
{
	if (reg < MLW_REG_COUNT)
		cfi->row.places[reg] = (struct mlw_place){ .where = where };
}

static struct mlw_place read_expression(struct mlw_reader *program, enum mlw_where where)
{
	uint64_t size = mlw_read_uleb(program);
	struct mlw_place place = { .where = where };

	place.expression = program->at;
	mlw_read_skip(program, size);
	place.size = (uint32_t)(program->at - place.expression);
	return place;
}

static void set_expression(struct mlw_cfi *cfi, struct mlw_reader *program,
                           enum mlw_where where)
{
	uint64_t reg = mlw_read_uleb(program);
	struct mlw_place place = read_expression(program, where);

	if (reg < MLW_REG_COUNT)
		cfi->row.places[reg] = place;
}

static void set_register(struct mlw_cfi *cfi, uint64_t reg, uint64_t holder)
{
	if (reg < MLW_REG_COUNT)
		cfi->row.places[reg] = (struct mlw_place){
			.where = holder < MLW_REG_COUNT ? MLW_WHERE_REGISTER
			                                : MLW_WHERE_UNDEFINED,
			.reg = (uint8_t)holder,
		};
}

static void restore(struct mlw_cfi *cfi, uint64_t reg)
{
	if (reg < MLW_REG_COUNT)
		cfi->row.places[reg] = cfi->initial.places[reg];
}

static void set_cfa(struct mlw_cfi *cfi, struct mlw_reader *program, uint64_t reg,
                    int64_t offset)
{
	if (reg >= MLW_REG_COUNT)
		program->bad = true;
	cfi->row.cfa = (struct mlw_place){ .where = MLW_WHERE_REGISTER,
		                           .reg = (uint8_t)reg,
		                           .offset = offset };
}

/* The instructions that say where the CFA is. False: it is none of them. */
static bool run_cfa(struct mlw_cfi *cfi, struct mlw_reader *program, uint8_t op)
{
	struct mlw_place *cfa = &cfi->row.cfa;
	uint64_t reg = cfa->reg;

	switch (op) {
	case CFA_DEF:
		reg = mlw_read_uleb(program);
		set_cfa(cfi, program, reg, (int64_t)mlw_read_uleb(program));
		return true;
	case CFA_DEF_SF:
		reg = mlw_read_uleb(program);
		set_cfa(cfi, program, reg, factored(cfi, mlw_read_sleb(program)));
		return true;
	case CFA_DEF_REGISTER:
		set_cfa(cfi, program, mlw_read_uleb(program), cfa->offset);
		return true;
	case CFA_DEF_OFFSET:
		set_cfa(cfi, program, reg, (int64_t)mlw_read_uleb(program));
		return true;
	case CFA_DEF_OFFSET_SF:
		set_cfa(cfi, program, reg, factored(cfi, mlw_read_sleb(program)));
		return true;
	case CFA_DEF_EXPRESSION:
		*cfa = read_expression(program, MLW_WHERE_IS_EXPRESSION);
		return true;
	}
	return false;
}

/* The instructions that say where a register is. False: it is none of them. */
static bool run_place(struct mlw_cfi *cfi, struct mlw_reader *program, uint8_t op)
{
	uint64_t reg;

	switch (op) {
	case CFA_OFFSET_EXTENDED:
		reg = mlw_read_uleb(program);
		set_offset(cfi, reg, MLW_WHERE_AT_CFA, (int64_t)mlw_read_uleb(program));
		return true;
	case CFA_OFFSET_SF:
		reg = mlw_read_uleb(program);
		set_offset(cfi, reg, MLW_WHERE_AT_CFA, mlw_read_sleb(program));
		return true;
	case CFA_GNU_NEGATIVE_OFFSET:
		reg = mlw_read_uleb(program);
		set_offset(cfi, reg, MLW_WHERE_AT_CFA, -(int64_t)mlw_read_uleb(program));
		return true;
	case CFA_VAL_OFFSET:
		reg = mlw_read_uleb(program);
		set_offset(cfi, reg, MLW_WHERE_IS_CFA, (int64_t)mlw_read_uleb(program));
		return true;
	case CFA_VAL_OFFSET_SF:
		reg = mlw_read_uleb(program);
		set_offset(cfi, reg, MLW_WHERE_IS_CFA, mlw_read_sleb(program));
		return true;
	case CFA_RESTORE_EXTENDED:
		restore(cfi, mlw_read_uleb(program));
		return true;
	case CFA_UNDEFINED:
		set_where(cfi, mlw_read_uleb(program), MLW_WHERE_UNDEFINED);
		return true;
	case CFA_SAME_VALUE:
		set_where(cfi, mlw_read_uleb(program), MLW_WHERE_SAME);
		return true;
	case CFA_REGISTER:
		reg = mlw_read_uleb(program);
		set_register(cfi, reg, mlw_read_uleb(program));
		return true;
	case CFA_EXPRESSION:
		set_expression(cfi, program, MLW_WHERE_AT_EXPRESSION);
		return true;
	case CFA_VAL_EXPRESSION:
		set_expression(cfi, program, MLW_WHERE_IS_EXPRESSION);
		return true;
	}
	return false;
}

/* How far the location moves, in bytes; 0 for an instruction that does not move it. */
static uint64_t run_advance(struct mlw_cfi *cfi, struct mlw_reader *program, uint8_t op,
                            uint64_t location)
{
	switch (op) {
	case CFA_ADVANCE1:
		return mlw_read_fixed(program, 1) * cfi->code_alignment;
	case CFA_ADVANCE2:
		return mlw_read_fixed(program, 2) * cfi->code_alignment;
	case CFA_ADVANCE4:
		return mlw_read_fixed(program, 4) * cfi->code_alignment;
	case CFA_SET_LOC:
		return read_pointer(program, cfi->pointer_encoding, NULL) - location;
	}
	return 0;
}

static void run_other(struct mlw_cfi *cfi, struct mlw_reader *program, uint8_t op,
                      unsigned *depth)
{
	switch (op) {
	case CFA_NOP:
		return;
	case CFA_GNU_ARGS_SIZE:
		mlw_read_uleb(program);
		return;
	case CFA_REMEMBER:
		if (*depth < MLW_CFI_REMEMBERED)
			cfi->remembered[(*depth)++] = cfi->row;
		else
			program->bad = true;
		return;
	case CFA_RESTORE_STATE:
		if (*depth)
			cfi->row = cfi->remembered[--*depth];
		else
			program->bad = true;
		return;
	}
	if (!run_cfa(cfi, program, op) && !run_place(cfi, program, op))
		program->bad = true;
}

/* Runs a program from `location` until it is past `target`. False: damaged. */
static bool run(struct mlw_cfi *cfi, struct mlw_reader *program, uint64_t location,
                uint64_t target)
{
	unsigned depth = 0;

	while (program->at < program->end && !program->bad && location <= target) {
		uint8_t op = (uint8_t)mlw_read_fixed(program, 1), operand = op & 0x3f;

		if ((op & 0xc0) == CFA_ADVANCE)
			location += operand * cfi->code_alignment;
		else if ((op & 0xc0) == CFA_OFFSET)
			set_offset(cfi, operand, MLW_WHERE_AT_CFA,
			           (int64_t)mlw_read_uleb(program));
		else if ((op & 0xc0) == CFA_RESTORE)
			restore(cfi, operand);
		else if (op >= CFA_SET_LOC && op <= CFA_ADVANCE4)
			location += run_advance(cfi, program, op, location);
		else
			run_other(cfi, program, op, &depth);
	}
	return !program->bad;
}

/* The bytes of the CIE or FDE at `at`, behind its length. */
static struct mlw_reader entry(const struct mlw_cfi *cfi, const uint8_t *at)
{
	struct mlw_reader reader = { at, cfi->end, at < cfi->start || at >= cfi->end };
	uint64_t length;

	if (reader.bad)
		return reader;
	length = mlw_read_fixed(&reader, 4);
	if (!length || length > (uint64_t)(reader.end - reader.at))
		reader.bad = true; /* the end of the table, or 64-bit DWARF */
	else
		reader.end = reader.at + length;
	return reader;
}

/* The augmentation string's letters and their data (LSB Core 10.6.1.1.1). */
static void read_augmentation(struct mlw_cfi *cfi, struct mlw_reader *cie,
                              const uint8_t *letters)
{
	uint64_t size;
	const uint8_t *end;

	if (*letters != 'z') {
		cie->bad |= *letters != 0;
		return;
	}
	cfi->augmented = true;
	size = mlw_read_uleb(cie);
	if (size > (uint64_t)(cie->end - cie->at)) {
		cie->bad = true;
		return;
	}
	end = cie->at + size;
	for (letters++; *letters && !cie->bad; letters++) {
		if (*letters == 'R')
			cfi->pointer_encoding = (uint8_t)mlw_read_fixed(cie, 1);
		else if (*letters == 'L')
			mlw_read_fixed(cie, 1);
		else if (*letters == 'P')
			read_format(cie, mlw_read_fixed(cie, 1) & ENCODING_FORMAT);
		else if (*letters == 'S')
			cfi->signal_frame = true;
		else
			break;
	}
	cie->at = end;
}

static bool read_cie(struct mlw_cfi *cfi, const uint8_t *at)
{
	struct mlw_reader cie = entry(cfi, at);
	const uint8_t *letters;
	uint64_t version, return_column;

	if (cie.bad || mlw_read_fixed(&cie, 4))
		return false;
	version = mlw_read_fixed(&cie, 1);
	letters = cie.at;
	while (mlw_read_fixed(&cie, 1))
		;
	if (cie.bad)
		return false;
	cfi->code_alignment = mlw_read_uleb(&cie);
	cfi->data_alignment = mlw_read_sleb(&cie);
	return_column = version == 1 ? mlw_read_fixed(&cie, 1) : mlw_read_uleb(&cie);
	cfi->pointer_encoding = 0;
	cfi->augmented = false;
	cfi->signal_frame = false;
	read_augmentation(cfi, &cie, letters);
	if (cie.bad || return_column != MLW_REG_RIP)
		return false;
	memset(&cfi->row, 0, sizeof(cfi->row));
	memset(&cfi->initial, 0, sizeof(cfi->initial));
	if (!run(cfi, &cie, 0, UINT64_MAX))
		return false;
	cfi->initial = cfi->row;
	return true;
}

static bool read_fde(struct mlw_cfi *cfi, const uint8_t *at, uint64_t address)
{
	struct mlw_reader fde = entry(cfi, at);
	const uint8_t *pointer_place = fde.at;
	uint64_t back, start, size;

	if (fde.bad)
		return false;
	back = mlw_read_fixed(&fde, 4);
	if (fde.bad || back > (uint64_t)(pointer_place - cfi->start) ||
	    !read_cie(cfi, pointer_place - back))
		return false;
	start = read_pointer(&fde, cfi->pointer_encoding, NULL);
	size = read_format(&fde, cfi->pointer_encoding & ENCODING_FORMAT);
	if (fde.bad || address - start >= size)
		return false;
	if (cfi->augmented)
		mlw_read_skip(&fde, mlw_read_uleb(&fde));
	return run(cfi, &fde, start, address);
}

static int32_t table_field(const uint8_t *table, uint64_t index)
{
	int32_t value;

	memcpy(&value, table + 4 * index, sizeof(value));
	return value;
}

/* The FDE that begins at or before `address`, by the sorted table. */
static const uint8_t *search(const struct mlw_cfi *cfi, const uint8_t *header,
                             uint64_t address)
{
	struct mlw_reader reader = { header + 4, cfi->end, cfi->end - header < 4 };
	int64_t relative = (int64_t)(address - (uint64_t)(uintptr_t)header);
	uint64_t low = 0, high;

	if (reader.bad || header[0] != 1 || header[3] != ENCODING_TABLE)
		return NULL;
	read_pointer(&reader, header[1], header);
	high = read_pointer(&reader, header[2], header);
	if (reader.bad || high > (uint64_t)(reader.end - reader.at) / 8)
		return NULL;
	while (low < high) {
		uint64_t middle = (low + high) / 2;

		if (table_field(reader.at, 2 * middle) <= relative)
			low = middle + 1;
		else
			high = middle;
	}
	return low ? header + table_field(reader.at, 2 * low - 1) : NULL;
}

bool mlw_cfi_find(struct mlw_cfi *cfi, const struct mlw_object *object, uintptr_t address)
{
	const uint8_t *header = object->eh_frame_hdr, *fde;

	if (!header ||
	    !mlw_object_segment(object, (uintptr_t)header, &cfi->start, &cfi->end))
		return false;
	fde = search(cfi, header, address);
	if (!fde)
		return false;
	if ((fde < cfi->start || fde >= cfi->end) &&
	    !mlw_object_segment(object, (uintptr_t)fde, &cfi->start, &cfi->end))
		return false;
	return read_fde(cfi, fde, address);
}

bool mlw_cfi_ends_before(struct mlw_cfi *cfi, const struct mlw_object *object,
                         uintptr_t address)
{
	return mlw_cfi_find(cfi, object, address + 1);
}
