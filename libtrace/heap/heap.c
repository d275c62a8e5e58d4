/* SPDX-License-Identifier: MIT */
#include "heap/heap.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "heap/heap_state.h"
#include "heap/table_memory.h"

/* Makes `*array` long enough for index `index`, its new elements zero. */
static int grow_to(void *array, size_t *count, size_t *capacity, size_t index,
                   size_t size, struct mlw_error *err)
{
	char *base;

	if (index < *count)
		return 0;
	if (mlw_grow(array, capacity, index + 1, size, err))
		return -1;
	memcpy(&base, array, sizeof(base));
	memset(base + *count * size, 0, (index + 1 - *count) * size);
	*count = index + 1;
	return 0;
}

static int resize_rows(struct mlw_heap *heap, size_t capacity, struct mlw_error *err)
{
	struct mlw_heap_row *rows = mlw_table_alloc(capacity * sizeof(*rows));

	if (!rows) {
		mlw_fail(err, "out of memory for %zu traces", capacity);
		return -1;
	}
	if (heap->rows)
		memcpy(rows, heap->rows, heap->row_count * sizeof(*rows));
	mlw_table_free(heap->rows, heap->row_capacity * sizeof(*rows));
	heap->rows = rows;
	heap->row_capacity = capacity;
	return 0;
}

static int add_row(struct mlw_heap *heap, uint32_t thread, uint32_t domain,
                   struct mlw_error *err)
{
	struct mlw_heap_row row = { .thread = thread, .domain = domain };

	if (heap->row_count > UINT32_MAX)
		return mlw_fail(err, "more than %u traces", UINT32_MAX);
	if ((!heap->rows || heap->row_count == heap->row_capacity) &&
	    resize_rows(heap, heap->row_capacity ? heap->row_capacity * 2 : 64, err))
		return -1;
	if (grow_to(&heap->next_row, &heap->next_count, &heap->next_capacity,
	            heap->row_count, sizeof(*heap->next_row), err))
		return -1;
	heap->rows[heap->row_count++] = row;
	return 0;
}

/* Makes the youngest row one of its process. */
static void list_row(struct mlw_heap *heap)
{
	uint32_t id = (uint32_t)(heap->row_count - 1);
	uint32_t process = heap->threads[heap->rows[id].thread].process;

	heap->next_row[id] = heap->process_states[process].first_row;
	heap->process_states[process].first_row = id;
}

struct mlw_heap *mlw_heap_new(struct mlw_error *err)
{
	struct mlw_heap *heap = calloc(1, sizeof(*heap));

	if (!heap) {
		mlw_fail(err, "out of memory for a heap model");
		return NULL;
	}
	if (add_row(heap, 0, 0, err) ||
	    grow_to(&heap->threads, &heap->thread_count, &heap->thread_capacity, 0,
	            sizeof(*heap->threads), err) ||
	    mlw_heap_need_process(heap, 0, err) ||
	    mlw_heap_need_domain(heap, MLW_DOMAIN_MALLOC, err)) {
		mlw_heap_free(heap);
		return NULL;
	}
	return heap;
}

void mlw_heap_free(struct mlw_heap *heap)
{
	if (!heap)
		return;
	mlw_table_free(heap->rows, heap->row_capacity * sizeof(*heap->rows));
	free(heap->threads);
	free(heap->processes);
	free(heap->process_states);
	free(heap->domains);
	free(heap->left);
	free(heap->next_row);
	free(heap);
}

int mlw_heap_need_process(struct mlw_heap *heap, uint32_t process, struct mlw_error *err)
{
	if (grow_to(&heap->process_states, &heap->state_count, &heap->state_capacity,
	            process, sizeof(*heap->process_states), err))
		return -1;
	return grow_to(&heap->processes, &heap->process_count, &heap->process_capacity,
	               process, sizeof(*heap->processes), err);
}

int mlw_heap_need_domain(struct mlw_heap *heap, uint32_t domain, struct mlw_error *err)
{
	if (domain >= MLW_DOMAIN_LIMIT)
		return mlw_fail(err, "domain %u is above the limit of %u", domain,
		                MLW_DOMAIN_LIMIT - 1);
	if (grow_to(&heap->left, &heap->left_count, &heap->left_capacity, domain,
	            sizeof(*heap->left), err))
		return -1;
	return grow_to(&heap->domains, &heap->domain_count, &heap->domain_capacity,
	               domain, sizeof(*heap->domains), err);
}

int mlw_heap_add_thread(struct mlw_heap *heap, uint32_t process, struct mlw_error *err)
{
	size_t id = heap->thread_count;

	if (process == 0)
		return mlw_fail(err, "a thread needs a process");
	if (id > UINT32_MAX)
		return mlw_fail(err, "more than %u threads", UINT32_MAX);
	if (mlw_heap_need_process(heap, process, err))
		return -1;
	if (grow_to(&heap->threads, &heap->thread_count, &heap->thread_capacity, id,
	            sizeof(*heap->threads), err))
		return -1;
	heap->threads[id].process = process;
	return 0;
}

int mlw_heap_add_trace(struct mlw_heap *heap, uint32_t thread, uint32_t domain,
                       struct mlw_error *err)
{
	if (thread == 0 || thread >= heap->thread_count)
		return mlw_fail(err, "a trace of thread %u, which does not exist",
		                thread);
	if (mlw_heap_need_domain(heap, domain, err))
		return -1;
	if (add_row(heap, thread, domain, err))
		return -1;
	list_row(heap);
	return 0;
}

int mlw_heap_reserve(struct mlw_heap *heap, size_t traces, struct mlw_error *err)
{
	if (traces < heap->row_capacity || traces > UINT32_MAX)
		return 0;
	if (mlw_reserve(&heap->next_row, &heap->next_capacity, traces + 1,
	                sizeof(*heap->next_row), err))
		return -1;
	return resize_rows(heap, traces + 1, err);
}

void mlw_heap_set_sample(struct mlw_heap *heap, uint64_t bytes)
{
	heap->sample = bytes;
}

bool mlw_heap_has_room(const struct mlw_heap *heap, uint32_t trace)
{
	return heap->rows[trace].live_count < UINT32_MAX - heap->sample;
}

uint32_t mlw_heap_trace_count(const struct mlw_heap *heap)
{
	return (uint32_t)(heap->row_count - 1);
}

uint32_t mlw_heap_thread_count(const struct mlw_heap *heap)
{
	return (uint32_t)(heap->thread_count - 1);
}
