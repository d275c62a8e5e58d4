/* SPDX-License-Identifier: MIT */
#ifndef MLW_PUBLIC_H
#define MLW_PUBLIC_H

/*
 * What libmallow.so exports: the interposed functions (and, in libmallow.map, nothing
 * else). Some of them have no prototype in today's headers.
 */

#include <stddef.h>

#define MLW_PUBLIC __attribute__((visibility("default")))

void cfree(void *block);
void free_sized(void *block, size_t size);
void free_aligned_sized(void *block, size_t alignment, size_t size);

/* C++ operator new and delete, by their Itanium ABI names. */
void *mlw_operator_new(size_t size) __asm__("_Znwm");
void *mlw_operator_new_array(size_t size) __asm__("_Znam");
void *mlw_operator_new_nothrow(size_t size,
                               const void *tag) __asm__("_ZnwmRKSt9nothrow_t");
void *mlw_operator_new_array_nothrow(size_t size,
                                     const void *tag) __asm__("_ZnamRKSt9nothrow_t");
void *mlw_operator_new_aligned(size_t size,
                               size_t alignment) __asm__("_ZnwmSt11align_val_t");
void *mlw_operator_new_array_aligned(size_t size,
                                     size_t alignment) __asm__("_ZnamSt11align_val_t");
void *mlw_operator_new_aligned_nothrow(
        size_t size, size_t alignment,
        const void *tag) __asm__("_ZnwmSt11align_val_tRKSt9nothrow_t");
void *mlw_operator_new_array_aligned_nothrow(
        size_t size, size_t alignment,
        const void *tag) __asm__("_ZnamSt11align_val_tRKSt9nothrow_t");
void mlw_operator_delete(void *block) __asm__("_ZdlPv");
void mlw_operator_delete_sized(void *block, size_t size) __asm__("_ZdlPvm");
void mlw_operator_delete_nothrow(void *block,
                                 const void *tag) __asm__("_ZdlPvRKSt9nothrow_t");
void mlw_operator_delete_aligned(void *block,
                                 size_t alignment) __asm__("_ZdlPvSt11align_val_t");
void mlw_operator_delete_sized_aligned(
        void *block, size_t size, size_t alignment) __asm__("_ZdlPvmSt11align_val_t");
void mlw_operator_delete_aligned_nothrow(
        void *block, size_t alignment,
        const void *tag) __asm__("_ZdlPvSt11align_val_tRKSt9nothrow_t");
void mlw_operator_delete_array(void *block) __asm__("_ZdaPv");
void mlw_operator_delete_array_sized(void *block, size_t size) __asm__("_ZdaPvm");
void mlw_operator_delete_array_nothrow(void *block,
                                       const void *tag) __asm__("_ZdaPvRKSt9nothrow_t");
void mlw_operator_delete_array_aligned(void *block,
                                       size_t alignment) __asm__("_ZdaPvSt11align_val_t");
void mlw_operator_delete_array_sized_aligned(
        void *block, size_t size, size_t alignment) __asm__("_ZdaPvmSt11align_val_t");
void mlw_operator_delete_array_aligned_nothrow(
        void *block, size_t alignment,
        const void *tag) __asm__("_ZdaPvSt11align_val_tRKSt9nothrow_t");

/* What include/mallow/mallow.h calls (record/api.c). */
int mallow_recorder_is_tracing(void);
int mallow_recorder_get_traceback_limit(void);
size_t mallow_recorder_get_tracer_memory(void);
int mallow_recorder_domain(const char *name);
int mallow_recorder_track(int domain, const void *block, size_t size);
int mallow_recorder_untrack(int domain, const void *block);
int mallow_recorder_pool_create(int domain, const void *pool, const void *memory,
                                size_t size, size_t block_size);
int mallow_recorder_pool_alloc(const void *pool, const void *block, size_t size);
int mallow_recorder_pool_free(const void *pool, const void *block);
int mallow_recorder_pool_reset(const void *pool);
int mallow_recorder_pool_destroy(const void *pool);
int mallow_recorder_scope_begin(const char *name);
int mallow_recorder_scope_end(void);
int mallow_recorder_take_snapshot(const char *name);
int mallow_recorder_get_traced_memory(size_t *current, size_t *peak);
int mallow_recorder_peek_traced_memory(size_t *current, size_t *peak);
struct mallow_block_traceback;
int mallow_recorder_get_traceback(int domain, const void *block,
                                  struct mallow_block_traceback *traceback);
int mallow_recorder_dump_traceback(int fd, const void *block);
int mallow_recorder_start(int depth);
int mallow_recorder_stop(void);
int mallow_recorder_reset_peak(void);
int mallow_recorder_clear_traces(void);

#endif /* MLW_PUBLIC_H */
