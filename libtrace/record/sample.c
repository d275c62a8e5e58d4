/* SPDX-License-Identifier: MIT */
#include "record/sample.h"

#include "wire/sample.h"

#define PUT_TRIES 16u

_Atomic uint32_t mlw_sampling = MLW_SAMPLING_UNKNOWN;
_Atomic uint8_t mlw_sample_counts[MLW_SAMPLE_LINES];

static _Alignas(
        MLW_CACHE_LINE) _Atomic uint64_t lines[MLW_SAMPLE_LINES][MLW_SAMPLE_SLOTS];

static bool is_ready(void)
{
	return mlw_session &&
	       atomic_load_explicit(&mlw_session->state, memory_order_acquire) ==
	               MLW_SESSION_READY;
}

static void meet(const uintptr_t *frame)
{
	struct mlw_thread *thread = mlw_thread_enter(frame);

	if (thread)
		mlw_thread_leave(thread);
}

bool mlw_sample_known(const uintptr_t *frame)
{
	if (!is_ready())
		meet(frame);
	if (mlw_sampling_now() == MLW_SAMPLING_UNKNOWN && is_ready())
		atomic_store(&mlw_sampling, mlw_session->config.sample_bytes
		                                    ? MLW_SAMPLING_ON
		                                    : MLW_SAMPLING_OFF);
	return mlw_sampling_now() == MLW_SAMPLING_ON;
}

/* splitmix64 */
static uint64_t mix(uint64_t value)
{
	value = (value ^ value >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	value = (value ^ value >> 27) * UINT64_C(0x94d049bb133111eb);
	return value ^ value >> 31;
}

static uint64_t draw(struct mlw_sampler *sampler)
{
	sampler->state += UINT64_C(0x9e3779b97f4a7c15);
	return mlw_sample_distance(mix(sampler->state), mlw_session->config.sample_scale);
}

/* Each thread of each process draws numbers of its own, which follow from the run's. */
static void seed(struct mlw_sampler *sampler)
{
	const struct mlw_config *config = &mlw_session->config;
	uint64_t number = atomic_fetch_add(&mlw_session->samplers, 1);

	sampler->state = mix(mix(config->sample_seed + config->process) + number) | 1;
}

/*
 * What follows a marked byte does not depend on what was before it: so the rest of the
 * block need not be counted. A handler that allocates while we draw must find what is
 * left as it should be, and so the next distance is there before it is needed.
 *
 * A thread joins the run with its first block, sampled or not: later it may not be
 * allowed to (a filter of system calls), and a forked child may be on its own.
 */
bool mlw_sample_reached(uint64_t size, const uintptr_t *frame)
{
	struct mlw_sampler *sampler = &mlw_local.sampler;

	if (!mlw_sample_known(frame) || !is_ready())
		return true; /* all is recorded, or nothing */
	if (!sampler->state) {
		seed(sampler);
		sampler->next = draw(sampler);
		sampler->left = draw(sampler);
		meet(frame);
		if (mlw_sample_passes(size))
			return false;
	}
	*(volatile uint64_t *)&sampler->left = sampler->next;
	sampler->next = draw(sampler);
	return true;
}

void mlw_sample_forked(void)
{
	mlw_local.sampler = (struct mlw_sampler){ 0 };
}

/* A child that was forked has its parent's table. */
void mlw_sample_prepare(void)
{
	static bool is_prepared;

	if (is_prepared || !mlw_session->config.sample_bytes)
		return;
	for (uint32_t i = 0; i < MLW_SAMPLE_LINES; i++)
		atomic_fetch_or_explicit(&mlw_sample_counts[i], MLW_SAMPLE_EMPTY,
		                         memory_order_relaxed);
	is_prepared = true;
}

void mlw_sample_is_other(const void *block)
{
	atomic_fetch_or(&mlw_sample_counts[mlw_sample_line((uintptr_t)block)],
	                MLW_SAMPLE_OTHER);
}

/* A place in the line: there is an empty slot then, for whoever has one. */
static bool reserve(_Atomic uint8_t *count)
{
	uint8_t seen = atomic_load_explicit(count, memory_order_relaxed), next;

	do {
		if (seen & MLW_SAMPLE_FULL)
			return false;
		next = (seen & MLW_SAMPLE_COUNT) <= MLW_SAMPLE_SLOTS
		               ? (uint8_t)(seen + 1)
		               : (uint8_t)(seen | MLW_SAMPLE_FULL);
	} while (!atomic_compare_exchange_weak(count, &seen, next));
	return !(next & MLW_SAMPLE_FULL);
}

static void give_back(_Atomic uint8_t *count)
{
	uint8_t seen = atomic_load_explicit(count, memory_order_relaxed);

	while (!(seen & MLW_SAMPLE_FULL) &&
	       !atomic_compare_exchange_weak(count, &seen, (uint8_t)(seen - 1)))
		;
}

static bool put(uint32_t line, uint64_t old, uint64_t new)
{
	for (unsigned i = 0; i < MLW_SAMPLE_SLOTS; i++) {
		uint64_t seen = old;

		if (atomic_load_explicit(&lines[line][i], memory_order_relaxed) == old &&
		    atomic_compare_exchange_strong(&lines[line][i], &seen, new))
			return true;
	}
	return false;
}

/* Others may take the slots that we find empty while slots that we have passed become
 * empty: then we look again. */
void mlw_sample_add(const void *block)
{
	uint32_t line = mlw_sample_line((uintptr_t)block);

	if (mlw_sampling_now() != MLW_SAMPLING_ON || !reserve(&mlw_sample_counts[line]))
		return;
	for (unsigned tries = 0; tries < PUT_TRIES; tries++)
		if (put(line, 0, (uintptr_t)block))
			return;
	atomic_fetch_or(&mlw_sample_counts[line], MLW_SAMPLE_FULL);
}

bool mlw_sample_remove(const void *block)
{
	uint32_t line = mlw_sample_line((uintptr_t)block);
	_Atomic uint8_t *count = &mlw_sample_counts[line];

	if (mlw_sampling_now() != MLW_SAMPLING_ON ||
	    atomic_load_explicit(count, memory_order_relaxed) & MLW_SAMPLE_FULL)
		return true;
	if (!put(line, (uintptr_t)block, 0))
		return false;
	give_back(count);
	return true;
}
