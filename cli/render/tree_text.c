/* SPDX-License-Identifier: MIT */

/*
 * A tree of calls as text. A call whose whole sum comes from one call stands above it
 * without an indent, so that only branches take width, and numbers stand only where they
 * change:
 *
 *	100.0%  8640 B  180  _start  (leak)
 *	                     main  samples/leak.c:53
 *	 66.7%  5760 B   90  |-entry_new  samples/leak.c:25
 *	 33.3%  2880 B   90  `-entry_new  samples/leak.c:26
 */

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/strbuf.h"
#include "base/units.h"
#include "render/reason.h"
#include "render/render.h"
#include "render/site.h"
#include "render/sums.h"

#define LEAST_PERCENT 1.0 /* branches with less are left out */
#define CHAIN_HEAD    24u /* lines of a long chain that are shown, */
#define CHAIN_TAIL    8u /* and those at its end */
#define LEAST_SITE    32u /* columns that branches leave for the call */

/* A call of a chain and how often it stands there in a row. */
struct link {
	const struct mallow_frame *frame;
	uint32_t label;
	uint32_t times;
};

/* The children of a call that are shown, and what of them is not. */
struct branches {
	struct mallow_nodes *nodes;
	size_t count; /* of the first of them */
	size_t hidden;
	struct mallow_sums hidden_sums;
};

/* The branches of a call that is drawn. Its parts are the children, `itself` and what is
 * hidden, those that there are. */
struct fork {
	struct branches children;
	struct mallow_sums itself; /* what none of the children has */
	size_t next; /* part */
	size_t prefix; /* bytes of drawing.prefix that belong to the forks outside */
};

struct drawing {
	struct mallow_tree *tree;
	const struct mlw_style *style;
	FILE *out;
	bool is_whole; /* nothing is folded */
	unsigned size_width, count_width;
	struct mlw_strbuf prefix; /* the lines of the forks outside */
	struct fork *forks;
	size_t fork_count, fork_capacity;
	struct link *chain;
	size_t chain_count, chain_capacity;
};

static uint64_t count_of(const struct drawing *drawing, const struct mallow_sums *sums)
{
	const struct mallow_about *about = mallow_tree_about(drawing->tree);

	if (about->sort == MALLOW_SORT_TEMPORARY)
		return sums->temporary_count;
	return mlw_view_of(about->sort, sums).count;
}

static double percent(const struct drawing *drawing, const struct mallow_sums *sums)
{
	const struct mallow_about *about = mallow_tree_about(drawing->tree);

	return mlw_view_percent(about->sort, sums,
	                        &mallow_tree_root(drawing->tree)->sums);
}

static bool is_empty(const struct drawing *drawing, const struct mallow_sums *sums)
{
	const struct mallow_about *about = mallow_tree_about(drawing->tree);

	return mlw_view_is_empty(about->sort, sums);
}

static void write_numbers(const struct drawing *drawing, const struct mallow_sums *sums)
{
	const struct mallow_about *about = mallow_tree_about(drawing->tree);
	struct mlw_view view = mlw_view_of(about->sort, sums);
	char size[MLW_UNIT_TEXT];

	fprintf(drawing->out, "%5.1f%%  %*s  %*" PRIu64 "  ", percent(drawing, sums),
	        (int)drawing->size_width, mlw_size_text(view.size, size),
	        (int)drawing->count_width, count_of(drawing, sums));
}

static unsigned numbers_width(const struct drawing *drawing)
{
	return 6 + 2 + drawing->size_width + 2 + drawing->count_width + 2;
}

static void write_header(const struct drawing *drawing)
{
	const struct mallow_about *about = mallow_tree_about(drawing->tree);
	FILE *out = drawing->out;

	fputs(mlw_style_bold(drawing->style), out);
	mlw_style_name(out, about->file, 0);
	fputs("@", out);
	mlw_style_name(out, about->at, 0);
	fputs(mlw_style_plain(drawing->style), out);
	fputs(": ", out);
	mlw_sums_write(out, drawing->style, about,
	               &mallow_tree_root(drawing->tree)->sums);
	fprintf(out, ", %s first by %s\n", about->inverted ? "sites" : "callers",
	        mallow_key_name(about->by));
	mlw_sample_write(out, about);
}

static void write_names(const struct drawing *drawing)
{
	const struct mallow_about *about = mallow_tree_about(drawing->tree);
	enum mallow_sort sort = about->sort;
	struct mlw_view view = mlw_view_of(sort, &mallow_tree_root(drawing->tree)->sums);

	fprintf(drawing->out, "\n%s%6s  %*s  %*s  %s%s\n", mlw_style_dim(drawing->style),
	        "share", (int)drawing->size_width, view.size_word,
	        (int)drawing->count_width,
	        sort == MALLOW_SORT_TEMPORARY ? "temporary" : view.count_word,
	        about->inverted ? "site, then its callers" : "call",
	        mlw_style_plain(drawing->style));
}

static unsigned maximum(unsigned a, unsigned b)
{
	return a > b ? a : b;
}

/* Nothing of the tree is wider than its root, but units vary: 9999 B, 1023 KiB. */
static void choose_widths(struct drawing *drawing)
{
	const struct mallow_about *about = mallow_tree_about(drawing->tree);
	const struct mallow_sums *all = &mallow_tree_root(drawing->tree)->sums;
	struct mlw_view view = mlw_view_of(about->sort, all);
	const char *word =
	        about->sort == MALLOW_SORT_TEMPORARY ? "temporary" : view.count_word;
	char text[MLW_UNIT_TEXT];
	int digits = snprintf(NULL, 0, "%" PRIu64, count_of(drawing, all));

	drawing->size_width = (unsigned)strlen(mlw_size_text(view.size, text));
	if (view.size >= 10240)
		drawing->size_width = maximum(drawing->size_width, 8);
	drawing->size_width =
	        maximum(drawing->size_width, (unsigned)strlen(view.size_word));
	drawing->count_width = maximum((unsigned)digits, (unsigned)strlen(word));
}

/* The lines of the forks outside; of many only the innermost. Returns the columns. */
static unsigned write_prefix(const struct drawing *drawing)
{
	unsigned used = numbers_width(drawing) + LEAST_SITE;
	unsigned room = maximum(drawing->style->width, used + 16) - used;
	const char *text = drawing->prefix.text;
	size_t length = drawing->prefix.length;

	if (length > room) {
		text += length - (room - 1);
		length = room;
		fputc('<', drawing->out);
	}
	fputs(text, drawing->out);
	return (unsigned)length;
}

/* What stands before the call: the numbers or their room, and the lines. Returns the
 * columns that are left for the call. */
static unsigned write_lead(const struct drawing *drawing, const struct mallow_sums *sums,
                           const char *branch)
{
	unsigned used = numbers_width(drawing);

	if (sums)
		write_numbers(drawing, sums);
	else
		fprintf(drawing->out, "%*s", (int)used, "");
	fputs(mlw_style_dim(drawing->style), drawing->out);
	used += write_prefix(drawing);
	fputs(branch, drawing->out);
	fputs(mlw_style_plain(drawing->style), drawing->out);
	used += (unsigned)strlen(branch);
	return drawing->style->width > used ? drawing->style->width - used : 0;
}

/* `after`: what else its line ends with. */
static void write_link(const struct drawing *drawing, const struct link *link,
                       unsigned width, const char *after)
{
	char times[32] = "";
	unsigned used;

	if (link->times > 1)
		snprintf(times, sizeof(times), "  (%" PRIu32 " times)", link->times);
	used = (unsigned)(strlen(times) + strlen(after));
	if (link->frame)
		mlw_site_write(drawing->out, drawing->style, link->frame,
		               width > used ? width - used : 1);
	else
		fputs("...  (outer calls were not recorded)", drawing->out);
	fprintf(drawing->out, "%s%s\n", times, after);
}

static int add_link(struct drawing *drawing, const struct mallow_node *node,
                    struct mlw_error *err)
{
	struct link *last =
	        drawing->chain_count ? &drawing->chain[drawing->chain_count - 1] : NULL;

	if (last && last->label == node->label && !drawing->is_whole) {
		last->times++;
		return 0;
	}
	if (mlw_grow(&drawing->chain, &drawing->chain_capacity, drawing->chain_count + 1,
	             sizeof(*drawing->chain), err))
		return -1;
	drawing->chain[drawing->chain_count++] =
	        (struct link){ .frame = node->frame, .label = node->label, .times = 1 };
	return 0;
}

static void leave_out(const struct drawing *drawing, struct branches *children)
{
	while (children->count) {
		const struct mallow_node *last =
		        mallow_nodes_get(children->nodes, children->count - 1);

		if (percent(drawing, &last->sums) >= LEAST_PERCENT)
			return;
		mallow_sums_add(&children->hidden_sums, &last->sums);
		children->hidden++;
		children->count--;
	}
}

static int find_children(const struct drawing *drawing, const struct mallow_node *node,
                         struct branches *children, struct mlw_error *err)
{
	const struct mallow_about *about = mallow_tree_about(drawing->tree);
	struct mallow_error reason;

	*children = (struct branches){ 0 };
	if (mallow_tree_children(drawing->tree, node, &children->nodes, &reason))
		return mlw_reason(err, &reason);
	children->count = mallow_nodes_count(children->nodes);
	children->hidden = mallow_nodes_hidden(children->nodes);
	children->hidden_sums = *mallow_nodes_hidden_sums(children->nodes);
	if (!drawing->is_whole && !about->min_size)
		leave_out(drawing, children);
	if (is_empty(drawing, &children->hidden_sums))
		children->hidden = 0;
	return 0;
}

/*
 * Follows the calls from `node` on as long as each has one branch alone, and collects
 * them in drawing->chain. `children` are those of the last one.
 */
static int follow_chain(struct drawing *drawing, struct mallow_node *node,
                        struct branches *children, struct mlw_error *err)
{
	drawing->chain_count = 0;
	for (;;) {
		if (add_link(drawing, node, err) ||
		    find_children(drawing, node, children, err))
			return -1;
		if (children->count != 1 || children->hidden ||
		    !is_empty(drawing, &node->ends))
			return 0;
		*node = *mallow_nodes_get(children->nodes, 0);
		mallow_nodes_free(children->nodes);
	}
}

/* `after`: what the last line ends with. */
static void write_chain(const struct drawing *drawing, const struct mallow_node *first,
                        const char *branch, const char *below, const char *after)
{
	bool is_long =
	        !drawing->is_whole && drawing->chain_count > CHAIN_HEAD + CHAIN_TAIL + 1;

	for (size_t i = 0; i < drawing->chain_count; i++) {
		unsigned width = i ? write_lead(drawing, NULL, below)
		                   : write_lead(drawing, &first->sums, branch);
		bool is_last = i + 1 == drawing->chain_count;

		if (is_long && i == CHAIN_HEAD) {
			size_t skipped = drawing->chain_count - CHAIN_HEAD - CHAIN_TAIL;

			fprintf(drawing->out, "...  (%zu calls)\n", skipped);
			i += skipped - 1;
			continue;
		}
		write_link(drawing, &drawing->chain[i], width, is_last ? after : "");
	}
}

static size_t parts(const struct drawing *drawing, const struct fork *fork)
{
	return !is_empty(drawing, &fork->itself) + fork->children.count +
	       (fork->children.hidden != 0);
}

/* Is nothing of what is below worth a line of its own? The root has no other. */
static bool is_folded(const struct drawing *drawing, const struct mallow_node *node,
                      const struct branches *children)
{
	return node->depth && children->hidden && !children->count &&
	       is_empty(drawing, &node->ends);
}

/* Takes over the children; their parts are drawn next. */
static int add_fork(struct drawing *drawing, const struct mallow_node *node,
                    struct branches *children, const char *below, struct mlw_error *err)
{
	struct fork fork = { .children = *children, .itself = node->ends };

	fork.prefix = drawing->prefix.length;
	if (!children->count && (!children->hidden || is_folded(drawing, node, children)))
		return 0;
	if (mlw_grow(&drawing->forks, &drawing->fork_capacity, drawing->fork_count + 1,
	             sizeof(*drawing->forks), err))
		return -1;
	*children = (struct branches){ 0 };
	drawing->forks[drawing->fork_count++] = fork;
	mlw_strbuf_puts(&drawing->prefix, below);
	return 0;
}

static int draw_node(struct drawing *drawing, struct mallow_node node, const char *branch,
                     const char *below, struct mlw_error *err)
{
	struct branches children = { 0 };
	struct mallow_node last = node;
	int result = -1;

	if (!follow_chain(drawing, &last, &children, err)) {
		bool is_more = is_folded(drawing, &last, &children);

		write_chain(drawing, &node, branch, below, is_more ? "  ..." : "");
		result = add_fork(drawing, &last, &children, below, err);
	}
	mallow_nodes_free(children.nodes);
	return result;
}

static void draw_itself(const struct drawing *drawing, const struct fork *fork,
                        const char *branch)
{
	const struct mallow_about *about = mallow_tree_about(drawing->tree);
	const char *what = about->inverted ? "(no caller)" : "(itself)";

	write_lead(drawing, &fork->itself, branch);
	fprintf(drawing->out, "%s\n", drawing->fork_count > 1 ? what : "(no stack)");
}

static void draw_hidden(const struct drawing *drawing, const struct fork *fork,
                        const char *branch)
{
	write_lead(drawing, &fork->children.hidden_sums, branch);
	fprintf(drawing->out, "(%zu more)\n", fork->children.hidden);
}

static void end_fork(struct drawing *drawing)
{
	struct fork *fork = &drawing->forks[--drawing->fork_count];

	mallow_nodes_free(fork->children.nodes);
	drawing->prefix.length = fork->prefix;
	if (drawing->prefix.capacity)
		drawing->prefix.text[fork->prefix] = '\0';
}

/* The next part of the innermost fork. */
static int draw_part(struct drawing *drawing, struct mlw_error *err)
{
	struct fork *fork = &drawing->forks[drawing->fork_count - 1];
	size_t part = fork->next++;
	bool is_last = part + 1 == parts(drawing, fork);
	bool is_outermost = drawing->fork_count == 1;
	const char *branch = is_outermost ? "" : is_last ? "`-" : "|-";
	const char *below = is_outermost ? "" : is_last ? "  " : "| ";

	if (part == parts(drawing, fork)) {
		end_fork(drawing);
		return 0;
	}
	if (part < fork->children.count)
		return draw_node(drawing, *mallow_nodes_get(fork->children.nodes, part),
		                 branch, below, err);
	if (part == fork->children.count && !is_empty(drawing, &fork->itself))
		draw_itself(drawing, fork, branch);
	else
		draw_hidden(drawing, fork, branch);
	return 0;
}

static int draw(struct drawing *drawing, struct mlw_error *err)
{
	const struct mallow_node *root = mallow_tree_root(drawing->tree);
	struct branches children;
	int result;

	choose_widths(drawing);
	write_header(drawing);
	if (is_empty(drawing, &root->sums))
		return 0;
	write_names(drawing);
	if (find_children(drawing, root, &children, err))
		return -1;
	result = add_fork(drawing, root, &children, "", err);
	mallow_nodes_free(children.nodes);
	if (result)
		return -1;
	while (drawing->fork_count) {
		if (draw_part(drawing, err))
			return -1;
	}
	return mlw_strbuf_failed(&drawing->prefix) ? mlw_fail(err, "out of memory") : 0;
}

int mlw_render_tree_text(struct mallow_tree *tree, const struct mlw_style *style,
                         FILE *out, struct mlw_error *err)
{
	const struct mallow_about *about = mallow_tree_about(tree);
	struct drawing drawing = { .tree = tree,
		                   .style = style,
		                   .out = out,
		                   .is_whole = !about->limit,
		                   .prefix = MLW_STRBUF_INIT };
	int result = draw(&drawing, err);

	while (drawing.fork_count)
		end_fork(&drawing);
	free(drawing.forks);
	free(drawing.chain);
	mlw_strbuf_release(&drawing.prefix);
	return result;
}
