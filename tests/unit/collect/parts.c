/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "collect/folder.h"
#include "collect/map64.h"
#include "collect/maps.h"
#include "collect/note.h"
#include "collect/proc.h"
#include "collect/robust.h"
#include "collect/shared.h"
#include "collect/tree.h"

Test(map64, finds_what_was_added_and_nothing_else)
{
	struct mlw_map64 map = { 0 };
	struct mlw_error err;

	cr_expect_eq(mlw_map64_find(&map, 1), 0);
	for (uint32_t i = 1; i <= 10000; i++)
		cr_assert_eq(mlw_map64_add(&map, (uint64_t)i << 20, i, &err), 0);
	for (uint32_t i = 1; i <= 10000; i++)
		cr_assert_eq(mlw_map64_find(&map, (uint64_t)i << 20), i);
	cr_expect_eq(mlw_map64_find(&map, 5), 0);
	mlw_map64_release(&map);
	mlw_map64_release(NULL);
}

Test(tree, equal_stacks_are_one_node)
{
	struct mlw_tree tree = { 0 };
	struct mlw_error err;
	uint32_t a = mlw_tree_frame(&tree, 1, 0x10, &err);
	uint32_t b = mlw_tree_frame(&tree, 1, 0x20, &err);
	uint32_t node = mlw_tree_child(&tree, 0, a, &err);

	cr_expect_neq(a, b);
	cr_expect_eq(mlw_tree_frame(&tree, 1, 0x10, &err), a);
	cr_expect_neq(mlw_tree_frame(&tree, 2, 0x10, &err), a);
	cr_expect_eq(mlw_tree_child(&tree, 0, a, &err), node);
	cr_expect_eq(mlw_tree_child(&tree, node, b, &err),
	             mlw_tree_child(&tree, node, b, &err));
	cr_expect_neq(mlw_tree_child(&tree, 0, b, &err),
	              mlw_tree_child(&tree, node, b, &err));
	mlw_tree_release(&tree);
}

Test(tree, recursion_of_any_depth_is_cut_to_one_stack)
{
	struct mlw_tree tree = { 0 };
	struct mlw_error err;
	uint32_t frame = mlw_tree_frame(&tree, 1, 0x10, &err), node = 0, cut;

	for (int i = 0; i < 5000; i++)
		node = mlw_tree_child(&tree, node, frame, &err);
	cut = mlw_tree_cut(&tree, node, 128, &err);
	cr_expect_eq(mlw_tree_depth(&tree, cut), 128);
	cr_expect_eq(mlw_tree_cut(&tree, mlw_tree_parent(&tree, node), 128, &err), cut);
	cr_expect_eq(tree.node_count, 1 + 5000);
	mlw_tree_release(&tree);
}

static struct mlw_block block_at(uint64_t address, uint64_t size)
{
	return (struct mlw_block){ .address = address, .size = size, .ordinal = 1 };
}

static int sum_sizes(const struct mlw_block *block, void *sum)
{
	*(uint64_t *)sum += block->size;
	return 0;
}

Test(maps, a_hole_in_the_middle_leaves_two_pieces_of_one_mapping)
{
	struct mlw_block block = block_at(0x10000, 0x10000), before;
	struct mlw_maps maps = { 0 };
	struct mlw_error err;
	uint64_t left;

	cr_assert_eq(mlw_maps_add(&maps, &block, &err), 0);
	cr_expect_eq(mlw_maps_take(&maps, 0x14000, 0x15000, &before, &left, &err), 1);
	cr_expect_eq(before.size, 0x10000);
	cr_expect_eq(left, 0xf000);
	cr_expect_eq(mlw_maps_take(&maps, 0x14000, 0x15000, &before, &left, &err), 0);
	for (int i = 0; i < 2; i++) {
		uint64_t sum = 0;

		cr_expect_eq(mlw_maps_each(&maps, sum_sizes, &sum), 0);
		cr_expect_eq(sum, left, "a mapping of two pieces is one block");
	}
	cr_expect_eq(mlw_maps_take(&maps, 0, 0x14000, &before, &left, &err), 1);
	cr_expect_eq(left, 0xb000);
	cr_expect_eq(mlw_maps_take(&maps, 0, UINT64_MAX, &before, &left, &err), 1);
	cr_expect_eq(before.size, 0xb000);
	cr_expect_eq(left, 0);
	cr_expect_eq(maps.count, 0);
	mlw_maps_release(&maps);
}

Test(maps, one_unmap_may_take_several_mappings)
{
	struct mlw_maps maps = { 0 };
	struct mlw_block block, before;
	struct mlw_error err;
	uint64_t left;
	int taken = 0;

	for (uint64_t i = 5; i > 0; i--) {
		block = block_at(i * 0x10000, 0x1000);
		cr_assert_eq(mlw_maps_add(&maps, &block, &err), 0);
	}
	while (mlw_maps_take(&maps, 0x20000, 0x50000, &before, &left, &err) > 0)
		taken++;
	cr_expect_eq(taken, 3);
	cr_expect_eq(maps.count, 2);
	mlw_maps_release(&maps);
}

Test(proc, a_command_line_becomes_json)
{
	char first[] = "a \"b\"", second[] = "c\\d\n", third[] = "\xc3\xa9",
	     fourth[] = "\xff\xc0\x80";
	char *const argv[] = { first, second, third, fourth, NULL };
	char *json = mlw_proc_json_command(argv);

	cr_expect_str_eq(json, "[\"a \\\"b\\\"\",\"c\\\\d\\u000a\",\"\xc3\xa9\","
	                       "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"]");
	free(json);
}

Test(proc, knows_this_process)
{
	char path[256];
	int statm = mlw_proc_open(getpid(), "statm");

	mlw_proc_link(getpid(), "exe", path, sizeof(path));
	cr_expect_not_null(strstr(path, "unit_collect"));
	cr_expect_eq(mlw_proc_parent(getpid()), getppid());
	cr_expect_gt(mlw_proc_memory(getpid(), "VmHWM:"), 4096);
	cr_expect_gt(mlw_proc_resident(statm), 4096);
	cr_expect(mlw_proc_has_thread(getpid(), gettid()));
	cr_expect_not(mlw_proc_has_thread(getpid(), 0x3fffffff));
	close(statm);
}

static void expect_status(pid_t pid, int expected)
{
	int pidfd = mlw_proc_pidfd(pid), status = -1;

	cr_assert_geq(pidfd, 0);
	while (!mlw_proc_ended(pidfd))
		usleep(1000);
	cr_expect(mlw_proc_wait_status(pid, pidfd, &status));
	cr_expect_eq(status, expected);
	waitpid(pid, NULL, 0);
	close(pidfd);
}

Test(proc, how_a_zombie_ended)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(37);
	expect_status(pid, 37 << 8);
	pid = fork();
	if (pid == 0) {
		raise(SIGKILL);
		_exit(0);
	}
	expect_status(pid, SIGKILL);
}

Test(shared, rings_lie_behind_each_other_and_do_not_overlap)
{
	const struct mlw_config config = { .process = 7 };
	struct mlw_shared shared;
	struct mlw_error err;
	uint64_t end = MLW_SEGMENT_HEADER;

	cr_assert_eq(mlw_shared_init(&shared, &config, &err), 0);
	cr_assert_eq(mlw_shared_grow(&shared, &err), 0);
	cr_expect_eq(shared.segment->config.process, 7);
	for (uint32_t i = 0; i < shared.ring_count; i++) {
		const struct mlw_ring *ring = &shared.segment->rings[i];

		cr_expect_geq(ring->data, end);
		cr_expect_eq(ring->capacity & (ring->capacity - 1), 0);
		end = ring->data + ring->capacity * sizeof(uint64_t);
		cr_expect_leq(end, shared.size);
	}
	cr_expect_lt(mlw_shared_touched(&shared), 1 << 20);
	mlw_shared_release(&shared);
}

Test(shared, does_not_grow_for_ever)
{
	const struct mlw_config config = { 0 };
	struct mlw_shared shared;
	struct mlw_error err;

	cr_assert_eq(mlw_shared_init(&shared, &config, &err), 0);
	while (!mlw_shared_grow(&shared, &err))
		cr_assert_leq(shared.ring_count, MLW_RING_MAX);
	cr_expect_gt(shared.ring_count, MLW_RING_MAX - MLW_RINGS_SLAB);
	mlw_shared_release(&shared);
}

Test(shared, a_process_cannot_shrink_it)
{
	const struct mlw_config config = { 0 };
	struct mlw_shared shared;
	struct mlw_error err;

	cr_assert_eq(mlw_shared_init(&shared, &config, &err), 0);
	cr_expect_eq(ftruncate(shared.fd, 0), -1);
	mlw_shared_release(&shared);
}

Test(note, arrives_whole_or_says_the_end)
{
	struct mlw_note note = { .kind = MLW_NOTE_PROGRAM, .value = 5 }, got;
	int ends[2];

	cr_assert_eq(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends), 0);
	cr_expect_eq(mlw_note_receive(ends[1], &got, false), -1);
	cr_expect(mlw_note_send(ends[0], &note));
	cr_expect_eq(mlw_note_receive(ends[1], &got, false), 1);
	cr_expect_eq(got.value, 5);
	close(ends[0]);
	cr_expect_eq(mlw_note_receive(ends[1], &got, true), 0);
	cr_expect_not(mlw_note_send(ends[1], &note));
	close(ends[1]);
}

Test(folder, is_private_and_goes_away)
{
	struct mlw_folder folder;
	struct mlw_error err;
	struct stat status;
	char path[128];

	cr_assert_eq(mlw_folder_open(&folder, &err), 0);
	strcpy(path, folder.path);
	cr_assert_eq(stat(path, &status), 0);
	cr_expect_eq(status.st_mode & 0777, 0700);
	mlw_folder_close(&folder);
	cr_expect_eq(stat(path, &status), -1);
}

Test(folder, a_library_that_cannot_be_written_into_ld_preload_gets_a_link)
{
	struct mlw_folder folder;
	struct mlw_error err;
	char socket[128], link[128], target[64];

	cr_assert_eq(mlw_folder_open(&folder, &err), 0);
	cr_expect_str_eq(mlw_folder_library(&folder, "/a/b.so", &err), "/a/b.so");
	snprintf(link, sizeof(link), "%s",
	         mlw_folder_library(&folder, "/a b:c/d.so", &err));
	cr_expect_null(strpbrk(link, " :"));
	cr_assert_eq(readlink(link, target, sizeof(target)), 11);
	cr_expect_eq(memcmp(target, "/a b:c/d.so", 11), 0);
	strcpy(socket, folder.socket);
	mlw_folder_remove(socket);
	cr_expect_eq(access(folder.path, F_OK), -1);
	close(folder.listener);
}

Test(folder, a_name_that_is_too_long_for_a_socket_is_not_taken)
{
	struct mlw_folder folder;
	struct mlw_error err;
	char name[200];

	memset(name, 'x', sizeof(name));
	memcpy(name, "/tmp/", 5);
	name[sizeof(name) - 1] = '\0';
	unsetenv("XDG_RUNTIME_DIR");
	setenv("TMPDIR", name, 1);
	cr_assert_eq(mlw_folder_open(&folder, &err), 0);
	cr_expect_eq(strncmp(folder.path, "/tmp/mallow-", 12), 0);
	mlw_folder_close(&folder);
}

Test(robust, the_kernel_marks_the_death_of_the_collector)
{
	struct mlw_run_memory memory;
	struct mlw_error err;
	uint32_t word;
	pid_t pid;

	cr_assert_eq(mlw_run_memory_init(&memory, 0, &err), 0);
	pid = fork();
	if (pid == 0) {
		struct mlw_robust robust;

		mlw_robust_hold(&robust, memory.page);
		raise(SIGKILL);
	}
	waitpid(pid, NULL, 0);
	word = atomic_load(&memory.page->collector);
	cr_expect(word & FUTEX_OWNER_DIED);
	mlw_run_memory_release(&memory);
}
