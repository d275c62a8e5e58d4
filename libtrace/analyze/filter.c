/* SPDX-License-Identifier: MIT */
#include "analyze/filter.h"

#include <ctype.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/command_line.h"
#include "base/array.h"

enum verdict {
	VERDICT_ASKED = 1,
	VERDICT_INCLUDED = 2,
	VERDICT_EXCLUDED = 4,
};

/* A whole decimal number that fits; false for anything else. */
static bool parse_number(const char *text, uint64_t *number)
{
	char *end;

	if (!isdigit((unsigned char)*text) || strlen(text) > 18)
		return false;
	*number = strtoull(text, &end, 10);
	return !*end;
}

static int find_domain(struct mlw_filter *filter, const char *name, struct mlw_error *err)
{
	filter->domain = MLW_DOMAIN_MALLOC;
	if (!name)
		return 0;
	if (!strcmp(name, "all"))
		filter->domain = MLW_DOMAIN_ANY;
	else if (!mlw_recording_find_domain(filter->recording, name, &filter->domain))
		return mlw_fail(err, "has no domain named '%s'", name);
	return 0;
}

static bool is_thread(const struct mlw_thread_row *thread, const char *wanted)
{
	uint64_t number;

	if (parse_number(wanted, &number))
		return thread->id == number;
	return !fnmatch(wanted, thread->name ? thread->name : "", 0);
}

static int miss(struct mlw_filter *filter, const char *kind, const char *wanted,
                struct mlw_error *err)
{
	filter->absent = true;
	return filter->rules.may_be_absent
	               ? 0
	               : mlw_fail(err, "has no %s '%s'", kind, wanted);
}

static int choose_threads(struct mlw_filter *filter, const char *wanted, bool *chosen,
                          struct mlw_error *err)
{
	const struct mlw_recording *recording = filter->recording;
	bool found = false;

	for (size_t i = 0; i < recording->thread_count; i++) {
		if (is_thread(&recording->threads[i], wanted))
			chosen[i] = found = true;
	}
	return found ? 0 : miss(filter, "thread", wanted, err);
}

static bool runs_program(const struct mlw_process_row *process, const char *pattern)
{
	struct mlw_command_line line;
	struct mlw_error ignored;
	bool matches;

	if (mlw_command_line_init(&line, process->command, &ignored))
		return false;
	matches = line.count && (!fnmatch(pattern, line.words[0], 0) ||
	                         !fnmatch(pattern, mlw_basename(line.words[0]), 0));
	mlw_command_line_release(&line);
	return matches;
}

static bool is_process(const struct mlw_recording *recording,
                       const struct mlw_process_row *process, const char *wanted)
{
	uint64_t number;

	if (!parse_number(wanted, &number))
		return runs_program(process, wanted);
	if (number && number <= recording->process_count)
		return process->id == number;
	return process->pid > 0 && (uint64_t)process->pid == number;
}

static int choose_processes(struct mlw_filter *filter, const char *wanted, bool *chosen,
                            struct mlw_error *err)
{
	const struct mlw_recording *recording = filter->recording;
	bool found = false;

	for (size_t i = 0; i < recording->process_count; i++) {
		if (!is_process(recording, &recording->processes[i], wanted))
			continue;
		found = true;
		for (size_t j = 0; j < recording->thread_count; j++)
			chosen[j] |= recording->threads[j].process == i + 1;
	}
	return found ? 0 : miss(filter, "process", wanted, err);
}

/* Clears filter->threads where none of the wishes is met. */
static int narrow(struct mlw_filter *filter, const char *const *wishes, size_t count,
                  int (*choose)(struct mlw_filter *, const char *, bool *,
                                struct mlw_error *),
                  struct mlw_error *err)
{
	size_t threads = filter->recording->thread_count;
	bool *chosen;
	int result = 0;

	if (!count)
		return 0;
	chosen = calloc(threads + 1, sizeof(*chosen));
	if (!chosen)
		return mlw_fail(err, "out of memory");
	for (size_t i = 0; !result && i < count; i++)
		result = choose(filter, wishes[i], chosen, err);
	for (size_t i = 0; i < threads; i++)
		filter->threads[i] &= chosen[i];
	free(chosen);
	return result;
}

int mlw_filter_init(struct mlw_filter *filter, const struct mlw_filter_rules *rules,
                    struct mlw_recording *recording, struct mlw_error *err)
{
	*filter = (struct mlw_filter){ .rules = *rules, .recording = recording };
	filter->threads = malloc(recording->thread_count + 1);
	if (!filter->threads)
		return mlw_fail(err, "out of memory");
	memset(filter->threads, true, recording->thread_count + 1);
	if (find_domain(filter, rules->domain, err) ||
	    narrow(filter, rules->threads, rules->thread_count, choose_threads, err) ||
	    narrow(filter, rules->processes, rules->process_count, choose_processes,
	           err)) {
		mlw_filter_release(filter);
		return -1;
	}
	return 0;
}

void mlw_filter_release(struct mlw_filter *filter)
{
	free(filter->threads);
	free(filter->verdicts);
	*filter = (struct mlw_filter){ 0 };
}

static bool matches_path(const char *pattern, const char *path)
{
	return path &&
	       (!fnmatch(pattern, path, 0) || !fnmatch(pattern, mlw_basename(path), 0));
}

static bool matches_any(const char *const *patterns, size_t count,
                        const struct mlw_frame *frame)
{
	for (size_t i = 0; i < count; i++) {
		if ((frame->function && !fnmatch(patterns[i], frame->function, 0)) ||
		    matches_path(patterns[i], frame->file) ||
		    matches_path(patterns[i], frame->module))
			return true;
	}
	return false;
}

/* A frame is asked once: stacks share most of their frames. */
static int judge(struct mlw_filter *filter, const struct mlw_frame *frame,
                 unsigned *verdict, struct mlw_error *err)
{
	const struct mlw_filter_rules *rules = &filter->rules;
	size_t known = filter->verdict_capacity;

	if (frame->id >= known) {
		if (mlw_grow(&filter->verdicts, &filter->verdict_capacity,
		             (size_t)frame->id + 1, 1, err))
			return -1;
		memset(filter->verdicts + known, 0, filter->verdict_capacity - known);
	}
	*verdict = filter->verdicts[frame->id];
	if (*verdict)
		return 0;
	*verdict = VERDICT_ASKED;
	if (matches_any(rules->includes, rules->include_count, frame))
		*verdict |= VERDICT_INCLUDED;
	if (matches_any(rules->excludes, rules->exclude_count, frame))
		*verdict |= VERDICT_EXCLUDED;
	filter->verdicts[frame->id] = (uint8_t)*verdict;
	return 0;
}

static int judge_trace(struct mlw_filter *filter, uint32_t trace, unsigned *verdicts,
                       struct mlw_error *err)
{
	const struct mlw_frame *frame;
	struct mlw_walk walk;
	unsigned verdict;
	int got;

	*verdicts = 0;
	if (mlw_walk_to_site(&walk, filter->recording, trace, err))
		return -1;
	while ((got = mlw_walk_next(&walk, &frame, err)) > 0) {
		if (judge(filter, frame, &verdict, err))
			return -1;
		*verdicts |= verdict;
		if (!filter->rules.all_frames)
			break;
	}
	return got < 0 ? -1 : 0;
}

int mlw_filter_passes(struct mlw_filter *filter, uint32_t trace, struct mlw_error *err)
{
	const struct mlw_filter_rules *rules = &filter->rules;
	const struct mlw_trace_row *row = &filter->recording->traces[trace - 1];
	unsigned verdicts;

	if (filter->domain != MLW_DOMAIN_ANY && row->domain != filter->domain)
		return 0;
	if (!filter->threads[row->thread - 1])
		return 0;
	if (!rules->include_count && !rules->exclude_count)
		return 1;
	if (judge_trace(filter, trace, &verdicts, err))
		return -1;
	if (verdicts & VERDICT_EXCLUDED)
		return 0;
	return !rules->include_count || (verdicts & VERDICT_INCLUDED);
}
