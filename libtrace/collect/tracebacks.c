/* SPDX-License-Identifier: MIT */
#include "collect/tracebacks.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/strbuf.h"
#include "collect/dump.h"

struct mlw_question {
	struct mlw_question *next;
	struct mlw_process *process; /* borrowed */
	struct mlw_traceback_request request;
	int guest;
	struct mlw_strbuf text; /* of the answer; empty until there is one */
	size_t sent;
};

/* The reply as it is sent. */
struct answer {
	struct mlw_traceback_reply reply;
	uint64_t addresses[MLW_TRACEBACK_FRAMES];
};

static void free_question(struct mlw_question *question)
{
	close(question->guest);
	mlw_strbuf_release(&question->text);
	free(question);
}

void mlw_tracebacks_release(struct mlw_tracebacks *tracebacks)
{
	struct mlw_question *next;

	if (!tracebacks)
		return;
	for (struct mlw_question *question = tracebacks->asked; question;
	     question = next) {
		next = question->next;
		free_question(question);
	}
	tracebacks->asked = NULL;
}

void mlw_tracebacks_ask(struct mlw_tracebacks *tracebacks, struct mlw_process *process,
                        const struct mlw_traceback_request *request, int guest)
{
	struct mlw_question *question = calloc(1, sizeof(*question));
	struct mlw_question **last = &tracebacks->asked;

	if (!question) {
		close(guest);
		return;
	}
	question->process = process;
	question->request = *request;
	question->guest = guest;
	mlw_strbuf_init(&question->text);
	while (*last)
		last = &(*last)->next;
	*last = question;
}

/* Of one of the process's own domains: tracked by itself, or carved out of a pool. */
static bool find_tracked(const struct mlw_process *process,
                         const struct mlw_traceback_request *request,
                         struct mlw_block *block)
{
	uint32_t domain = mlw_domains_known(process->domains, request->domain);

	return domain &&
	       (mlw_domains_find(process->domains, request->domain, request->address,
	                         block) ||
	        mlw_pools_find(process->pools, domain, request->address, block));
}

/* One whose realloc is under way lives until that has succeeded. */
static bool find_malloced(const struct mlw_process *process, uint64_t address,
                          struct mlw_block *block)
{
	if (mlw_blocks_find(process->blocks, address, block))
		return true;
	for (uint32_t i = 0; i < process->ring_count; i++) {
		const struct mlw_thread *thread = process->views[i].thread;

		if (!thread || !thread->pending.active || !thread->pending.known ||
		    thread->pending.address != address)
			continue;
		*block = thread->pending.block;
		return true;
	}
	return false;
}

/* A free is told before it is done: what it finds damaged is not live any more, but the
 * latest that its thread freed. */
static bool find_freed(const struct mlw_process *process, uint64_t address,
                       struct mlw_block *block)
{
	*block = (struct mlw_block){ .ordinal = process->forgotten };
	for (uint32_t i = 0; i < process->ring_count; i++) {
		const struct mlw_thread *thread = process->views[i].thread;

		if (thread && thread->freed.address == address &&
		    thread->freed.ordinal > block->ordinal)
			*block = thread->freed;
	}
	return block->trace;
}

static bool find(const struct mlw_process *process,
                 const struct mlw_traceback_request *request, struct mlw_block *block)
{
	bool found = false;

	if (!process->blocks)
		return false;
	if (request->domain == 0)
		found = find_malloced(process, request->address, block);
	else if (request->domain < MLW_MAP_TRACKED)
		found = mlw_maps_find(&process->maps, request->address, block);
	else
		found = find_tracked(process, request, block);
	return found && block->ordinal > process->forgotten;
}

/* The return address, as the process has it; 0: its module is not there any more. */
static uint64_t address_of(const struct mlw_run *run, const struct mlw_process *process,
                           uint32_t node)
{
	const struct mlw_tree_frame *frame =
	        &run->tree.frames[run->tree.node_frames[node]];
	uint64_t bias;

	if (!frame->module)
		return frame->offset + 1;
	if (!mlw_module_map_bias(&process->modules, frame->module, &bias))
		return 0;
	return (frame->offset + bias + 1) | MLW_TRACEBACK_MODULE;
}

static void fill(struct answer *answer, const struct mlw_run *run,
                 const struct mlw_process *process, const struct mlw_block *block)
{
	bool truncated;
	uint32_t node = mlw_run_trace_node(run, block->trace, &truncated);

	answer->reply.status = MLW_TRACEBACK_FOUND;
	answer->reply.size = block->size;
	for (; node && answer->reply.count < MLW_TRACEBACK_FRAMES;
	     node = mlw_tree_parent(&run->tree, node))
		answer->addresses[answer->reply.count++] = address_of(run, process, node);
	answer->reply.truncated = truncated || node;
}

/* As much as there is room for; false: the rest has to wait until the guest has read. */
static bool send_text(struct mlw_question *question)
{
	while (question->sent < question->text.length) {
		size_t part = question->text.length - question->sent;

		if (part > MLW_TRACEBACK_PART)
			part = MLW_TRACEBACK_PART;
		if (send(question->guest, question->text.text + question->sent, part,
		         MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
			return errno != EAGAIN;
		question->sent += part;
	}
	return true;
}

static void make_text(struct mlw_question *question, const struct mlw_run *run,
                      const struct mlw_block *block, bool freed)
{
	bool truncated;
	uint32_t node = mlw_run_trace_node(run, block->trace, &truncated);
	struct mlw_error err;

	mlw_strbuf_printf(&question->text, "%s allocated at (most recent call first):\n",
	                  freed ? "Freed memory block" : "Memory block");
	if (mlw_dump_stack(run, node, truncated, &question->text, &err))
		mlw_strbuf_release(&question->text);
}

static void answer_one(struct mlw_question *question, const struct mlw_run *run)
{
	struct answer answer = { .reply = { .magic = MLW_WIRE_MAGIC,
		                            .version = MLW_WIRE_VERSION,
		                            .status = MLW_TRACEBACK_UNKNOWN } };
	bool text = question->request.text, found, freed = false;
	struct mlw_block block;
	size_t size;

	found = !run->dead && find(question->process, &question->request, &block);
	if (!found && !run->dead && text && question->process->ring_count)
		found = freed =
		        find_freed(question->process, question->request.address, &block);
	if (found)
		fill(&answer, run, question->process, &block);
	size = sizeof(answer.reply) +
	       (text ? 0 : answer.reply.count * sizeof(*answer.addresses));
	if (send(question->guest, &answer, size, MSG_NOSIGNAL | MSG_DONTWAIT) ==
	            (ssize_t)size &&
	    text && answer.reply.status == MLW_TRACEBACK_FOUND)
		make_text(question, run, &block, freed);
}

static bool is_ready(const struct mlw_process *process, const struct mlw_run *run)
{
	return process->finished || run->dead || mlw_process_is_read(process);
}

/* False: it has to wait. Of one whose text is on its way the process may be gone. */
static bool go_on(struct mlw_question *question, const struct mlw_run *run)
{
	if (!question->text.length) {
		if (!is_ready(question->process, run))
			return false;
		answer_one(question, run);
	}
	return send_text(question);
}

void mlw_tracebacks_answer(struct mlw_tracebacks *tracebacks, const struct mlw_run *run)
{
	struct mlw_question **at = &tracebacks->asked;

	while (*at) {
		struct mlw_question *question = *at;

		if (!go_on(question, run)) {
			at = &question->next;
			continue;
		}
		*at = question->next;
		free_question(question);
	}
}
