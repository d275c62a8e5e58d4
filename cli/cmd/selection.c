/* SPDX-License-Identifier: MIT */
#include "cmd/selection.h"

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/units.h"
#include "cmd/output.h"

#define DEFAULT_LIMIT 10u

enum option_id {
	OPTION_BY = 256,
	OPTION_SORT,
	OPTION_AT,
	OPTION_INCLUDE,
	OPTION_EXCLUDE,
	OPTION_ALL_FRAMES,
	OPTION_DOMAIN,
	OPTION_THREAD,
	OPTION_PROCESS,
	OPTION_MIN_SIZE,
	OPTION_CUMULATIVE,
	OPTION_WRAPPER,
	OPTION_SOURCE_ROOT,
	OPTION_PATH_MAP,
	OPTION_FAIL,
	OPTION_INVERT,
	OPTION_SOURCE,
	OPTION_FORCE,
	OPTION_METADATA,
	OPTION_JSON,
	OPTION_CSV,
	OPTION_COLOR,
};

static const struct option options[] = {
	{ "by", required_argument, NULL, OPTION_BY },
	{ "sort", required_argument, NULL, OPTION_SORT },
	{ "at", required_argument, NULL, OPTION_AT },
	{ "include", required_argument, NULL, OPTION_INCLUDE },
	{ "exclude", required_argument, NULL, OPTION_EXCLUDE },
	{ "all-frames", no_argument, NULL, OPTION_ALL_FRAMES },
	{ "domain", required_argument, NULL, OPTION_DOMAIN },
	{ "thread", required_argument, NULL, OPTION_THREAD },
	{ "process", required_argument, NULL, OPTION_PROCESS },
	{ "min-size", required_argument, NULL, OPTION_MIN_SIZE },
	{ "cumulative", no_argument, NULL, OPTION_CUMULATIVE },
	{ "wrapper", required_argument, NULL, OPTION_WRAPPER },
	{ "source-root", required_argument, NULL, OPTION_SOURCE_ROOT },
	{ "path-map", required_argument, NULL, OPTION_PATH_MAP },
	{ "fail", no_argument, NULL, OPTION_FAIL },
	{ "invert", no_argument, NULL, OPTION_INVERT },
	{ "source", no_argument, NULL, OPTION_SOURCE },
	{ "force", no_argument, NULL, OPTION_FORCE },
	{ "metadata", required_argument, NULL, OPTION_METADATA },
	{ "json", no_argument, NULL, OPTION_JSON },
	{ "csv", no_argument, NULL, OPTION_CSV },
	{ "color", optional_argument, NULL, OPTION_COLOR },
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};

/* State of one parse. */
struct parse {
	struct mlw_selection *selection;
	const struct mlw_accepted *accepted;
	enum mlw_colour colour;
	bool help;
};

static int add_word(struct mlw_words *words, const char *word, struct mlw_error *err)
{
	if (mlw_grow(&words->words, &words->capacity, words->count + 1,
	             sizeof(*words->words), err))
		return -1;
	words->words[words->count++] = word;
	return 0;
}

static int parse_by(struct mallow_query *query, const char *name, struct mlw_error *err)
{
	int by = mallow_key_parse(name);

	if (by < 0)
		return mlw_fail(err,
		                "--by %s is unknown (line, function, file, module, "
		                "trace, thread, process, domain, scope or size)",
		                name);
	query->by = (enum mallow_key)by;
	return 0;
}

static int parse_sort(struct mallow_query *query, const char *name, struct mlw_error *err)
{
	int sort = mallow_sort_parse(name);

	if (sort < 0)
		return mlw_fail(err,
		                "--sort %s is unknown (size, count, peak, allocated, "
		                "allocations or temporary)",
		                name);
	query->sort = (enum mallow_sort)sort;
	return 0;
}

static int parse_limit(struct mlw_selection *selection, const char *text,
                       struct mlw_error *err)
{
	char *end;

	errno = 0;
	selection->query.limit = strtoul(text, &end, 10);
	selection->limit_given = true;
	if (*text < '0' || *text > '9' || *end || errno)
		return mlw_fail(err, "-n %s is no number of rows", text);
	return 0;
}

static int parse_colour(struct parse *parse, const char *when, struct mlw_error *err)
{
	if (!when || !strcmp(when, "always"))
		parse->colour = MLW_COLOUR_ALWAYS;
	else if (!strcmp(when, "never"))
		parse->colour = MLW_COLOUR_NEVER;
	else if (!strcmp(when, "auto"))
		parse->colour = MLW_COLOUR_AUTO;
	else
		return mlw_fail(err, "--color=%s is unknown (auto, always or never)",
		                when);
	return 0;
}

static int parse_format(struct mlw_selection *selection, enum mlw_format format,
                        struct mlw_error *err)
{
	if (selection->format != MLW_FORMAT_TEXT && selection->format != format)
		return mlw_fail(err, "--json and --csv are two formats");
	selection->format = format;
	return 0;
}

static int parse_path_map(struct mlw_selection *selection, const char *map,
                          struct mlw_error *err)
{
	if (!strchr(map, '=') || *map == '=')
		return mlw_fail(err, "'%s' is no OLD=NEW", map);
	return add_word(&selection->path_maps, map, err);
}

static int parse_query_option(struct mlw_selection *selection, int id,
                              struct mlw_error *err)
{
	struct mallow_query *query = &selection->query;

	switch (id) {
	case 'n':
		return parse_limit(selection, optarg, err);
	case OPTION_BY:
		return parse_by(query, optarg, err);
	case OPTION_SORT:
		return parse_sort(query, optarg, err);
	case OPTION_AT:
		query->at = optarg;
		return 0;
	case OPTION_INCLUDE:
		return add_word(&selection->includes, optarg, err);
	case OPTION_EXCLUDE:
		return add_word(&selection->excludes, optarg, err);
	case OPTION_ALL_FRAMES:
		query->selection.all_frames = true;
		return 0;
	case OPTION_DOMAIN:
		query->selection.domain = optarg;
		return 0;
	case OPTION_THREAD:
		return add_word(&selection->threads, optarg, err);
	case OPTION_PROCESS:
		return add_word(&selection->processes, optarg, err);
	case OPTION_MIN_SIZE:
		return mlw_parse_size(optarg, &query->min_size, err);
	case OPTION_CUMULATIVE:
		query->cumulative = true;
		return 0;
	case OPTION_WRAPPER:
		return add_word(&selection->wrappers, optarg, err);
	case OPTION_SOURCE_ROOT:
		query->names.source_root = optarg;
		return 0;
	default:
		return parse_path_map(selection, optarg, err);
	}
}

/* The word that getopt stumbled over. */
static int refuse(const struct parse *parse, int id, char **argv, struct mlw_error *err)
{
	const char *word = argv[optind - 1];

	if (id == ':')
		return mlw_fail(err, "option '%s' needs a value", word);
	if (optopt && optopt < 256 && word[0] == '-' && word[1] != '-')
		return mlw_fail(err, "option '-%c' is unknown (see 'mallow %s --help')",
		                optopt, parse->accepted->command);
	return mlw_fail(err, "option '%s' is unknown (see 'mallow %s --help')", word,
	                parse->accepted->command);
}

/* An option that another command has. */
static int refuse_foreign(const struct parse *parse, int id, struct mlw_error *err)
{
	for (const struct option *option = options; option->name; option++) {
		if (option->val == id && id != 'h')
			return mlw_fail(
			        err, "%s has no option '--%s' (see 'mallow %s --help')",
			        parse->accepted->command, option->name,
			        parse->accepted->command);
	}
	return mlw_fail(err, "%s has no option '-%c' (see 'mallow %s --help')",
	                parse->accepted->command, id, parse->accepted->command);
}

/* How sites and files are named. */
static bool is_name(int id)
{
	return id == OPTION_WRAPPER || id == OPTION_SOURCE_ROOT || id == OPTION_PATH_MAP;
}

/* Which rows there are, and their order. */
static bool is_about_rows(int id)
{
	return id == 'n' || id == OPTION_BY || id == OPTION_SORT || id == OPTION_AT ||
	       id == OPTION_MIN_SIZE || id == OPTION_CUMULATIVE;
}

static bool is_accepted(const struct mlw_accepted *accepted, int id)
{
	if (id == OPTION_JSON || id == OPTION_COLOR || id == 'h')
		return true;
	if (id == OPTION_FAIL)
		return accepted->fail;
	if (id == OPTION_INVERT)
		return accepted->invert;
	if (id == OPTION_SOURCE)
		return accepted->source;
	if (id == OPTION_CSV)
		return accepted->csv;
	if (id == 'o' || id == OPTION_FORCE || id == OPTION_METADATA)
		return accepted->output;
	if (id == OPTION_BY && accepted->domains)
		return true;
	if (is_name(id) && accepted->names)
		return true;
	return accepted->queries;
}

static int parse_output(struct mlw_selection *selection, int id, struct mlw_error *err)
{
	if (id == OPTION_METADATA) {
		if (!strchr(optarg, '=') || *optarg == '=')
			return mlw_fail(err, "--metadata %s is not KEY=VALUE", optarg);
		return add_word(&selection->metadata, optarg, err);
	}
	if (id == OPTION_FORCE)
		selection->force = true;
	else
		selection->output = optarg;
	return 0;
}

static int parse_option(struct parse *parse, int id, char **argv, struct mlw_error *err)
{
	if (id == '?' || id == ':')
		return refuse(parse, id, argv, err);
	if (!is_accepted(parse->accepted, id))
		return refuse_foreign(parse, id, err);
	if (is_about_rows(id))
		parse->selection->query.groups = true;
	switch (id) {
	case 'h':
		parse->help = true;
		return 0;
	case OPTION_JSON:
		return parse_format(parse->selection, MLW_FORMAT_JSON, err);
	case OPTION_CSV:
		return parse_format(parse->selection, MLW_FORMAT_CSV, err);
	case OPTION_COLOR:
		return parse_colour(parse, optarg, err);
	case OPTION_FAIL:
		parse->selection->fail = true;
		return 0;
	case OPTION_SOURCE:
		parse->selection->source = true;
		return 0;
	case OPTION_INVERT:
		parse->selection->query.invert = true;
		return 0;
	case 'o':
	case OPTION_FORCE:
	case OPTION_METADATA:
		return parse_output(parse->selection, id, err);
	default:
		return parse_query_option(parse->selection, id, err);
	}
}

static int parse_operand(struct parse *parse, int argc, char **argv,
                         struct mlw_error *err)
{
	const struct mlw_accepted *accepted = parse->accepted;

	if (optind < argc)
		parse->selection->query.place = argv[optind++];
	else if (!accepted->operand_optional)
		return mlw_fail(err, "%s: a %s is missing (see 'mallow %s --help')",
		                accepted->command, accepted->operand, accepted->command);
	if (optind < argc && accepted->second)
		parse->selection->second = argv[optind++];
	if (optind < argc)
		return mlw_fail(err, "%s: '%s' is one %s too many", accepted->command,
		                argv[optind],
		                accepted->second ? accepted->second : accepted->operand);
	return 0;
}

static int parse_all(struct parse *parse, int argc, char **argv, struct mlw_error *err)
{
	int id;

	opterr = 0;
	optind = 0; /* GNU: begin anew, whatever was parsed before */
	while ((id = getopt_long(argc, argv, ":hn:o:", options, NULL)) != -1) {
		if (parse_option(parse, id, argv, err))
			return -1;
	}
	return parse->help ? 0 : parse_operand(parse, argc, argv, err);
}

static void connect(struct mlw_selection *selection, bool few_rows)
{
	struct mallow_selection *chosen = &selection->query.selection;
	struct mallow_run_options *names = &selection->query.names;

	chosen->includes = selection->includes.words;
	chosen->include_count = selection->includes.count;
	chosen->excludes = selection->excludes.words;
	chosen->exclude_count = selection->excludes.count;
	chosen->threads = selection->threads.words;
	chosen->thread_count = selection->threads.count;
	chosen->processes = selection->processes.words;
	chosen->process_count = selection->processes.count;
	names->wrappers = selection->wrappers.words;
	names->wrapper_count = selection->wrappers.count;
	mlw_bar_init(&selection->bar, stderr);
	names->progress = mlw_bar_report;
	names->progress_context = &selection->bar;
	names->path_maps = selection->path_maps.words;
	names->path_map_count = selection->path_maps.count;
	/* A person reads a screen, a program reads all. */
	if (!selection->limit_given && (few_rows || selection->format == MLW_FORMAT_TEXT))
		selection->query.limit = DEFAULT_LIMIT;
}

int mlw_selection_parse(struct mlw_selection *selection, int argc, char **argv,
                        const struct mlw_accepted *accepted)
{
	struct parse parse = { .selection = selection, .accepted = accepted };
	struct mlw_error err;

	*selection = (struct mlw_selection){ .query.by = accepted->by };
	if (parse_all(&parse, argc, argv, &err))
		return mlw_output_failed(NULL, err.text);
	if (parse.help) {
		for (const char *const *part = accepted->help; *part; part++)
			fputs(*part, stdout);
		return mlw_output_end(MLW_STATUS_FINE);
	}
	connect(selection, accepted->few_rows);
	mlw_style_init(&selection->style, parse.colour, stdout);
	return MLW_SELECTION_GO;
}

void mlw_selection_release(struct mlw_selection *selection)
{
	free(selection->includes.words);
	free(selection->excludes.words);
	free(selection->threads.words);
	free(selection->processes.words);
	free(selection->wrappers.words);
	free(selection->path_maps.words);
	free(selection->metadata.words);
	*selection = (struct mlw_selection){ 0 };
}

/* That a failure is about, NULL if it says so itself. */
static const char *file_of(const struct mlw_selection *selection,
                           const struct mlw_accepted *accepted)
{
	return accepted->two_places ? NULL : selection->query.place;
}

int mlw_selection_answer(int argc, char **argv, const struct mlw_accepted *accepted,
                         int (*show)(const struct mlw_selection *selection,
                                     struct mlw_error *err))
{
	struct mlw_selection selection;
	struct mlw_error err;
	int status = mlw_selection_parse(&selection, argc, argv, accepted);

	if (status == MLW_SELECTION_GO) {
		status = show(&selection, &err);
		if (status < 0)
			status = mlw_output_failed(file_of(&selection, accepted),
			                           err.text);
		else
			status = mlw_output_end(status);
	}
	mlw_selection_release(&selection);
	return status;
}
