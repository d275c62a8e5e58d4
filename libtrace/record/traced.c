/* SPDX-License-Identifier: MIT */
/* What a program asks about its own memory, and how it lowers that. */
#include <errno.h>

#include "record/api.h"
#include "record/errand.h"
#include "record/public.h"

#define FRAME ((const uintptr_t *)__builtin_frame_address(0))

static void give(size_t *to, size_t value)
{
	if (to)
		*to = value;
}

/* In the order in which the collector does not write them: see publish in
 * collect/errands.c. */
static void read_traced(size_t *current, size_t *peak)
{
	const struct mlw_segment *segment = mlw_session->segment;
	size_t size = atomic_load_explicit(&segment->traced_size, memory_order_acquire);
	size_t highest =
	        atomic_load_explicit(&segment->traced_peak, memory_order_acquire);

	give(current, size);
	give(peak, highest > size ? highest : size);
}

MLW_PUBLIC int mallow_recorder_peek_traced_memory(size_t *current, size_t *peak)
{
	give(current, 0);
	give(peak, 0);
	if (!mlw_session_is_recording())
		return 0;
	if (mlw_session_collector_gone())
		return -ENOTCONN;
	read_traced(current, peak);
	return 0;
}

/* What a thread that is recorded wants of the collector. */
static int send_for(enum mlw_errand errand, const uintptr_t *frame)
{
	if (!mlw_api_session(frame))
		return -ENOTCONN;
	return mlw_api_inside_hook(frame) ? -EDEADLK : mlw_errand(errand);
}

MLW_PUBLIC int mallow_recorder_get_traced_memory(size_t *current, size_t *peak)
{
	int status = send_for(MLW_ERRAND_LOOK, FRAME);

	if (mallow_recorder_peek_traced_memory(current, peak))
		return -ENOTCONN;
	return mlw_session_is_recording() ? status : 0;
}

MLW_PUBLIC int mallow_recorder_reset_peak(void)
{
	return send_for(MLW_ERRAND_RESET_PEAK, FRAME);
}

MLW_PUBLIC int mallow_recorder_clear_traces(void)
{
	return send_for(MLW_ERRAND_CLEAR, FRAME);
}
