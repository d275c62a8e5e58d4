/* SPDX-License-Identifier: MIT */
#include "analyze/membership.h"

/* A holding, and who wants to know its groups. */
struct visit {
	const struct mlw_memberships *memberships;
	const struct mlw_holding *holding;
	int (*call)(void *context, const struct mlw_holding *holding,
	            const struct mlw_membership *as, struct mlw_error *err);
	void *context;
};

static int tell_frame(const struct visit *visit, const struct mlw_frame *frame,
                      struct mlw_error *err)
{
	struct mlw_membership as = { .frame = frame };

	mlw_group_key_of_frame(&as.key, visit->memberships->by, frame);
	return visit->call(visit->context, visit->holding, &as, err);
}

static int by_frame(const struct visit *visit, struct mlw_error *err)
{
	const struct mlw_frame *frame;
	struct mlw_walk walk;
	int got;

	if (mlw_walk_to_site(&walk, visit->memberships->recording, visit->holding->trace,
	                     err))
		return -1;
	got = mlw_walk_next(&walk, &frame, err);
	if (!got)
		return tell_frame(visit, NULL, err);
	while (got > 0) {
		if (tell_frame(visit, frame, err))
			return -1;
		if (!visit->memberships->cumulative)
			return 0;
		got = mlw_walk_next(&walk, &frame, err);
	}
	return got;
}

/* Stacks that differ only in wrappers meet in the node and the frame of their site. */
static int by_trace(const struct visit *visit, struct mlw_error *err)
{
	struct mlw_recording *recording = visit->memberships->recording;
	uint32_t trace = visit->holding->trace;
	struct mlw_membership as = {
		.truncated = recording->traces[trace - 1].flags & MLW_TRACE_TRUNCATED,
	};

	if (mlw_walk_to_site(&as.stack, recording, trace, err))
		return -1;
	as.key = (struct mlw_key){ { as.stack.node, as.stack.index, as.truncated } };
	return visit->call(visit->context, visit->holding, &as, err);
}

static uint32_t number_of(const struct visit *visit)
{
	const struct mlw_recording *recording = visit->memberships->recording;
	const struct mlw_trace_row *trace = &recording->traces[visit->holding->trace - 1];

	switch (visit->memberships->by) {
	case MALLOW_BY_THREAD:
		return trace->thread;
	case MALLOW_BY_PROCESS:
		return recording->threads[trace->thread - 1].process;
	case MALLOW_BY_DOMAIN:
		return trace->domain;
	case MALLOW_BY_SCOPE:
		return trace->scope;
	default:
		return visit->holding->size_class;
	}
}

static int by_number(const struct visit *visit, struct mlw_error *err)
{
	struct mlw_membership as = { .id = number_of(visit) };

	as.key = (struct mlw_key){ { as.id, 0, 0 } };
	return visit->call(visit->context, visit->holding, &as, err);
}

int mlw_membership_each(const struct mlw_memberships *memberships,
                        const struct mlw_holding *holding,
                        int (*visit)(void *context, const struct mlw_holding *holding,
                                     const struct mlw_membership *as,
                                     struct mlw_error *err),
                        void *context, struct mlw_error *err)
{
	const struct visit call = { memberships, holding, visit, context };

	if (mlw_key_is_frame(memberships->by))
		return by_frame(&call, err);
	if (memberships->by == MALLOW_BY_TRACEBACK)
		return by_trace(&call, err);
	return by_number(&call, err);
}
