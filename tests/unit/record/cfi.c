/* SPDX-License-Identifier: MIT */
/* Rules, call frame information that is damaged, and memory that is not there. */
#include <criterion/criterion.h>
#include <link.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "record/cfi.h"
#include "record/modules.h"
#include "record/objects.h"
#include "record/readable.h"
#include "record/rules.h"

#define PAGE 4096u

/* A copy of this program's read-only segments, with nothing readable around them. */
static struct {
	uint8_t *base;
	size_t size;
	uintptr_t original;
	struct mlw_object object;
	uint8_t *tables; /* .eh_frame_hdr and, behind it, .eh_frame */
	size_t tables_size;
} image;

static struct mlw_cfi *cfi;

static uintptr_t page_down(uintptr_t address)
{
	return address & ~(uintptr_t)(PAGE - 1);
}

static void copy_segment(const struct dl_phdr_info *info, const ElfW(Phdr) * header)
{
	uintptr_t from = page_down(info->dlpi_addr + header->p_vaddr);
	uintptr_t to = info->dlpi_addr + header->p_vaddr + header->p_filesz;
	uint8_t *place = image.base + (from - image.original);

	mprotect(place, to - from, PROT_READ | PROT_WRITE);
	memcpy(place, (const void *)from, to - from);
}

static int copy_program(struct dl_phdr_info *info, size_t size, void *unused)
{
	uintptr_t start = UINTPTR_MAX, end = 0;

	(void)size;
	(void)unused;
	for (int i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *header = &info->dlpi_phdr[i];

		if (header->p_type != PT_LOAD)
			continue;
		if (info->dlpi_addr + header->p_vaddr < start)
			start = info->dlpi_addr + header->p_vaddr;
		if (info->dlpi_addr + header->p_vaddr + header->p_memsz > end)
			end = info->dlpi_addr + header->p_vaddr + header->p_memsz;
	}
	image.original = page_down(start);
	image.size = end - image.original;
	image.base =
	        mmap(NULL, image.size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	cr_assert(image.base != MAP_FAILED);
	for (int i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *header = &info->dlpi_phdr[i];

		if (header->p_type == PT_LOAD)
			copy_segment(info, header);
		if (header->p_type != PT_GNU_EH_FRAME)
			continue;
		image.tables =
		        image.base + (info->dlpi_addr + header->p_vaddr - image.original);
	}
	return 1;
}

static void start(void)
{
	const uint8_t *from, *to;

	mlw_objects_init();
	cfi = calloc(1, sizeof(*cfi));
	dl_iterate_phdr(copy_program, NULL);
	image.object = (struct mlw_object){
		.start = (uintptr_t)image.base,
		.end = (uintptr_t)image.base + image.size,
		.eh_frame_hdr = image.tables,
	};
	cr_assert(mlw_object_segment(&image.object, (uintptr_t)image.tables, &from, &to));
	image.tables_size = (size_t)(to - image.tables);
}

static void stop(void)
{
	munmap(image.base, image.size);
	free(cfi);
}

TestSuite(cfi, .init = start, .fini = stop, .timeout = 60);

static uintptr_t in_copy(uintptr_t address)
{
	return address - image.original + (uintptr_t)image.base;
}

/* The test itself: its CFI is in the copy. */
static uintptr_t here(void)
{
	return in_copy((uintptr_t)start) + 8;
}

Test(cfi, copy_of_a_program_has_the_same_rules)
{
	struct mlw_object object;
	uintptr_t pc = (uintptr_t)start + 8;
	uint32_t rule;

	cr_assert(mlw_object_find(pc, &object));
	cr_assert(mlw_cfi_find(cfi, &object, pc));
	rule = mlw_rule_of_row(cfi, pc);
	cr_expect_eq(mlw_rule_kind(rule), MLW_RULE_RSP);
	cr_assert(mlw_cfi_find(cfi, &image.object, in_copy(pc)));
	cr_expect_eq(mlw_rule_of_row(cfi, in_copy(pc)), rule);
}

Test(cfi, damaged_tables_do_no_harm)
{
	uint8_t *undamaged = malloc(image.tables_size);
	unsigned found = 0;

	srand(7);
	memcpy(undamaged, image.tables, image.tables_size);
	for (int i = 0; i < 30000; i++) {
		size_t place = (size_t)rand() % image.tables_size;

		if (i % 2)
			place %= 64; /* the header and the first table rows */
		image.tables[place] = (uint8_t)rand();
		found += mlw_cfi_find(cfi, &image.object, here());
		mlw_cfi_find(cfi, &image.object, in_copy((uintptr_t)copy_segment));
		if (i % 16 == 15)
			memcpy(image.tables, undamaged, image.tables_size);
	}
	cr_expect_gt(found, 0);
	free(undamaged);
}

/* The FDE of here() and its CIE, byte by byte. */
Test(cfi, damaged_entries_do_no_harm)
{
	uint8_t *undamaged = malloc(image.tables_size);
	unsigned lost = 0;

	srand(11);
	memcpy(undamaged, image.tables, image.tables_size);
	for (size_t i = 0; i < image.tables_size; i++) {
		image.tables[i] ^= (uint8_t)(1 + rand() % 255);
		lost += !mlw_cfi_find(cfi, &image.object, here());
		image.tables[i] = undamaged[i];
	}
	cr_expect_gt(lost, 0);
	free(undamaged);
}

Test(cfi, tables_end_where_their_segment_ends)
{
	ElfW(Ehdr) *elf = (ElfW(Ehdr) *)(void *)image.base;
	ElfW(Phdr) *headers = (ElfW(Phdr) *)(void *)(image.base + elf->e_phoff);

	for (uint32_t i = 0; i < elf->e_phnum; i++) {
		uint64_t size = headers[i].p_filesz;

		if (headers[i].p_type != PT_LOAD)
			continue;
		for (uint64_t cut = 0; cut < size; cut += size / 97 + 1) {
			headers[i].p_filesz = cut;
			mlw_cfi_find(cfi, &image.object, here());
		}
		headers[i].p_filesz = size;
	}
	cr_expect(mlw_cfi_find(cfi, &image.object, here()));
}

static struct mlw_cfi_row *plain_row(void)
{
	memset(cfi, 0, sizeof(*cfi));
	cfi->row.cfa = (struct mlw_place){ .where = MLW_WHERE_REGISTER,
		                           .reg = MLW_REG_RSP,
		                           .offset = 8 };
	cfi->row.places[MLW_REG_RIP] =
	        (struct mlw_place){ .where = MLW_WHERE_AT_CFA, .offset = -8 };
	return &cfi->row;
}

Test(cfi, offsets_of_a_rule_have_both_signs_and_a_limit)
{
	static const int64_t offsets[] = { 8, 70000, -16, 8 * 262143, -8 * 262144 };
	struct mlw_cfi_row *row = plain_row();

	for (size_t i = 0; i < sizeof(offsets) / sizeof(*offsets); i++) {
		row->cfa.offset = offsets[i];
		cr_expect_eq(mlw_rule_kind(mlw_rule_of_row(cfi, 0)), MLW_RULE_RSP);
		cr_expect_eq(mlw_rule_offset(mlw_rule_of_row(cfi, 0)), offsets[i]);
	}
	row->cfa.offset = 8 * 262144;
	cr_expect_eq(mlw_rule_kind(mlw_rule_of_row(cfi, 0)), MLW_RULE_EVALUATE);
	row->cfa.offset = 12;
	cr_expect_eq(mlw_rule_kind(mlw_rule_of_row(cfi, 0)), MLW_RULE_EVALUATE);
}

Test(cfi, place_of_the_saved_frame_pointer_is_in_the_rule)
{
	struct mlw_cfi_row *row = plain_row();
	struct mlw_place *rbp = &row->places[MLW_REG_RBP];

	*rbp = (struct mlw_place){ .where = MLW_WHERE_AT_CFA, .offset = -16 };
	cr_expect_eq(mlw_rule_rbp(mlw_rule_of_row(cfi, 0)), 2);
	rbp->offset = -8 * 62;
	cr_expect_eq(mlw_rule_rbp(mlw_rule_of_row(cfi, 0)), 62);
	rbp->offset = -8 * 63;
	cr_expect_eq(mlw_rule_kind(mlw_rule_of_row(cfi, 0)), MLW_RULE_EVALUATE);
	rbp->offset = 8;
	cr_expect_eq(mlw_rule_kind(mlw_rule_of_row(cfi, 0)), MLW_RULE_EVALUATE);
	*rbp = (struct mlw_place){ .where = MLW_WHERE_REGISTER, .reg = 3 };
	cr_expect_eq(mlw_rule_kind(mlw_rule_of_row(cfi, 0)), MLW_RULE_EVALUATE);
}

Test(cfi, expression_of_a_linkage_table_is_resolved_for_its_pc)
{
	static const uint8_t expression[] = { 0x77, 0x08, 0x80, 0x00, 0x3f, 0x1a,
		                              0x3b, 0x2a, 0x33, 0x24, 0x22 };
	struct mlw_cfi_row *row = plain_row();

	row->cfa = (struct mlw_place){ .where = MLW_WHERE_IS_EXPRESSION,
		                       .expression = expression,
		                       .size = sizeof(expression) };
	cr_expect_eq(mlw_rule_offset(mlw_rule_of_row(cfi, 0x1000)), 8);
	cr_expect_eq(mlw_rule_offset(mlw_rule_of_row(cfi, 0x100b)), 16);
	cr_expect_eq(mlw_rule_kind(mlw_rule_of_row(cfi, 0x100a)), MLW_RULE_EVALUATE);
}

Test(cfi, rule_belongs_to_one_pc_and_one_generation)
{
	static const uintptr_t pcs[] = { 0x401000, 0x401001, 0x7f0000401000 };

	for (int i = 0; i < 3; i++)
		for (int j = 0; j < i; j++)
			cr_expect(mlw_rule_slot(pcs[i]) != mlw_rule_slot(pcs[j]) ||
			          mlw_rule_mark(pcs[i], 0) != mlw_rule_mark(pcs[j], 0));
	cr_expect_neq(mlw_rule_mark(pcs[0], 1), mlw_rule_mark(pcs[0], 2));
}

Test(cfi, pcs_without_a_module_are_remembered_as_such)
{
	uint32_t generation = mlw_generation;

	mlw_rules_enter(generation + 1);
	cr_expect(!mlw_rules_have_negative());
	cr_expect_eq(mlw_rule_find(cfi, 0x1000, generation), MLW_RULE_NONE);
	cr_expect(mlw_rules_have_negative());
	cr_expect_eq(mlw_rule_find(cfi, UINT64_C(1) << 47, generation), MLW_RULE_NONE);
}

Test(cfi, readable_memory_is_told_from_the_rest)
{
	struct mlw_readable range = { 0 };
	uint8_t *pages = mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE,
	                      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	uintptr_t base = (uintptr_t)pages;

	munmap(pages + 2 * PAGE, PAGE);
	mlw_readable_move(&range, base + 64);
	cr_expect(mlw_readable(&range, base + 64));
	cr_expect(mlw_readable(&range, base + 2 * PAGE - 8));
	cr_expect(!mlw_readable(&range, base + 2 * PAGE));
	cr_expect(mlw_readable(&range, base + 3 * PAGE), "beyond the hole");
	cr_expect(!mlw_readable(&range, base + 65), "not aligned");
	cr_expect(!mlw_readable(&range, 0));
	cr_expect(!mlw_readable(&range, UINTPTR_MAX - 7));
	cr_expect_eq(range.hi, base + 2 * PAGE);
	mlw_readable_move(&range, base + 2 * PAGE);
	cr_expect(!mlw_readable_known(&range, base + 2 * PAGE), "nothing to stand on");
	munmap(pages, 2 * PAGE);
	munmap(pages + 3 * PAGE, PAGE);
}
