/* SPDX-License-Identifier: MIT */
#include "cmd/run_options.h"

#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/units.h"
#include "cmd/output.h"

#define SNAPSHOT_LEAST_US 1000u
#define SIZE_LEAST        (UINT64_C(64) << 10)

static const char help[] =
        "usage: mallow run [-o FILE] [--force] [options] [--] PROGRAM [ARGS]\n"
        "\n"
        "Runs a program and records every allocation of it and of its children, with\n"
        "backtraces, in one file.\n"
        "\n"
        "  -o FILE                where to (default PROGRAM.PID.mallow)\n"
        "  --force                replace FILE if it exists and is a recording\n"
        "  --depth N              most recent frames kept of a stack (default 128, "
        "1..1024)\n"
        "  --follow-children, --no-follow-children\n"
        "                         record child processes too (default), or not\n"
        "  --wait                 return when all recorded children have ended\n"
        "  --record events|sites  every event (default), or per-site totals only\n"
        "  --snapshot-every DURATION\n"
        "                         a snapshot 'every' as often as that\n"
        "  --snapshot-signal SIG  a snapshot 'signal' when SIG arrives\n"
        "  --sample BYTES         record a sample of the blocks, 1 byte in BYTES: much\n"
        "                         cheaper, and all figures are estimates\n"
        "  --max-size SIZE        store no more events when FILE has grown to SIZE\n"
        "  --addresses            keep the address of every event\n"
        "  --mmap                 record mmap, munmap, mremap and brk too\n"
        "  --unwinder auto|libunwind|fp\n"
        "                         how stacks are found (default auto)\n"
        "  --stall DURATION       how long the program may wait for a collector that\n"
        "                         makes no progress (default 10s)\n"
        "  --require-trace        exit with 125 if the program could not be recorded\n"
        "  --quiet                no summary at the end\n"
        "\n"
        "Exit status: the program's own; 128 + N when signal N ended it; 125 when "
        "mallow\n"
        "failed before the program started, 126 when the program cannot be executed,\n"
        "127 when it is not found.\n";

enum option_id {
	OPTION_FORCE = 256,
	OPTION_DEPTH,
	OPTION_FOLLOW,
	OPTION_NO_FOLLOW,
	OPTION_WAIT,
	OPTION_RECORD,
	OPTION_SNAPSHOT_EVERY,
	OPTION_SNAPSHOT_SIGNAL,
	OPTION_MAX_SIZE,
	OPTION_SAMPLE,
	OPTION_ADDRESSES,
	OPTION_MMAP,
	OPTION_UNWINDER,
	OPTION_STALL,
	OPTION_REQUIRE_TRACE,
	OPTION_QUIET,
};

static const struct option long_options[] = {
	{ "force", no_argument, NULL, OPTION_FORCE },
	{ "depth", required_argument, NULL, OPTION_DEPTH },
	{ "follow-children", no_argument, NULL, OPTION_FOLLOW },
	{ "no-follow-children", no_argument, NULL, OPTION_NO_FOLLOW },
	{ "wait", no_argument, NULL, OPTION_WAIT },
	{ "record", required_argument, NULL, OPTION_RECORD },
	{ "snapshot-every", required_argument, NULL, OPTION_SNAPSHOT_EVERY },
	{ "snapshot-signal", required_argument, NULL, OPTION_SNAPSHOT_SIGNAL },
	{ "max-size", required_argument, NULL, OPTION_MAX_SIZE },
	{ "sample", required_argument, NULL, OPTION_SAMPLE },
	{ "addresses", no_argument, NULL, OPTION_ADDRESSES },
	{ "mmap", no_argument, NULL, OPTION_MMAP },
	{ "unwinder", required_argument, NULL, OPTION_UNWINDER },
	{ "stall", required_argument, NULL, OPTION_STALL },
	{ "require-trace", no_argument, NULL, OPTION_REQUIRE_TRACE },
	{ "quiet", no_argument, NULL, OPTION_QUIET },
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};

int mlw_run_options_help(void)
{
	fputs(help, stdout);
	return mlw_output_end(0);
}

/* A whole number between `least` and `most`. */
static int parse_number(const char *text, const char *name, uint32_t least, uint32_t most,
                        uint32_t *number, struct mlw_error *err)
{
	unsigned long value;
	char *end;

	errno = 0;
	value = strtoul(text, &end, 10);
	if (*text < '0' || *text > '9' || *end || errno || value < least || value > most)
		return mlw_fail(err, "%s %s is no number from %u to %u", name, text,
		                least, most);
	*number = (uint32_t)value;
	return 0;
}

/* USR1, SIGUSR1 or its number. */
static int parse_signal(const char *text, int *number, struct mlw_error *err)
{
	const char *name = strncasecmp(text, "SIG", 3) ? text : text + 3;
	uint32_t value;

	for (int i = 1; i < NSIG; i++) {
		const char *abbreviation = sigabbrev_np(i);

		if (abbreviation && !strcasecmp(abbreviation, name))
			*number = i;
	}
	if (*text >= '0' && *text <= '9' &&
	    !parse_number(text, "--snapshot-signal", 1, NSIG - 1, &value, err))
		*number = (int)value;
	if (!*number || *number == SIGKILL || *number == SIGSTOP || *number == SIGCHLD)
		return mlw_fail(err, "--snapshot-signal %s is no signal for that", text);
	return 0;
}

static int parse_record(const char *text, bool *events, struct mlw_error *err)
{
	*events = !strcmp(text, "events");
	if (!*events && strcmp(text, "sites"))
		return mlw_fail(err, "--record %s is unknown (events or sites)", text);
	return 0;
}

static int parse_unwinder(const char *text, uint32_t *unwinder, struct mlw_error *err)
{
	int number = mlw_run_unwinder(text);

	if (number < 0)
		return mlw_fail(err, "--unwinder %s is unknown (auto, libunwind or fp)",
		                text);
	*unwinder = (uint32_t)number;
	return 0;
}

static int parse_duration(const char *text, const char *name, uint64_t least_ns,
                          uint64_t *ns, struct mlw_error *err)
{
	struct mlw_error reason;

	if (mlw_parse_duration(text, ns, &reason))
		return mlw_fail(err, "%s: %s", name, reason.text);
	if (*ns < least_ns)
		return mlw_fail(err, "%s %s is too short", name, text);
	return 0;
}

static int parse_size(const char *text, const char *name, uint64_t least, uint64_t most,
                      uint64_t *size, struct mlw_error *err)
{
	struct mlw_error reason;

	if (mlw_parse_size(text, size, &reason))
		return mlw_fail(err, "%s: %s", name, reason.text);
	if (*size < least || *size > most)
		return mlw_fail(err, "%s %s is too %s", name, text,
		                *size < least ? "small" : "large");
	return 0;
}

static int parse_every(const char *text, uint64_t *every_us, struct mlw_error *err)
{
	uint64_t ns;

	if (parse_duration(text, "--snapshot-every", SNAPSHOT_LEAST_US * UINT64_C(1000),
	                   &ns, err))
		return -1;
	*every_us = ns / 1000;
	return 0;
}

static int take_flag(struct mlw_run_options *options, int id)
{
	switch (id) {
	case OPTION_FORCE:
		options->replace = true;
		return 0;
	case OPTION_FOLLOW:
		options->follow_children = true;
		return 0;
	case OPTION_NO_FOLLOW:
		options->follow_children = false;
		return 0;
	case OPTION_WAIT:
		options->wait = true;
		return 0;
	case OPTION_ADDRESSES:
		options->keep_addresses = true;
		return 0;
	case OPTION_MMAP:
		options->record_maps = true;
		return 0;
	case OPTION_REQUIRE_TRACE:
		options->require_trace = true;
		return 0;
	case OPTION_QUIET:
		options->quiet = true;
		return 0;
	}
	return -1;
}

static int take_option(struct mlw_run_options *options, int id, struct mlw_error *err)
{
	switch (id) {
	case 'o':
		options->output = optarg;
		return 0;
	case OPTION_DEPTH:
		return parse_number(optarg, "--depth", 1, MLW_DEPTH_MAX, &options->depth,
		                    err);
	case OPTION_RECORD:
		return parse_record(optarg, &options->keep_events, err);
	case OPTION_SNAPSHOT_EVERY:
		return parse_every(optarg, &options->snapshot_every_us, err);
	case OPTION_SNAPSHOT_SIGNAL:
		return parse_signal(optarg, &options->snapshot_signal, err);
	case OPTION_MAX_SIZE:
		return parse_size(optarg, "--max-size", SIZE_LEAST, UINT64_MAX,
		                  &options->max_size, err);
	case OPTION_SAMPLE:
		return parse_size(optarg, "--sample", 1, MLW_SAMPLE_MAX,
		                  &options->sample_bytes, err);
	case OPTION_UNWINDER:
		return parse_unwinder(optarg, &options->unwinder, err);
	case OPTION_STALL:
		return parse_duration(optarg, "--stall", 1, &options->stall_ns, err);
	default:
		return take_flag(options, id);
	}
}

static int wrong_option(int id, char *const *argv, struct mlw_error *err)
{
	const char *word = argv[optind - 1];

	if (id == ':')
		return mlw_fail(err, "%s needs a value", word);
	if (optopt && optopt < 256)
		return mlw_fail(err, "unknown option -%c", optopt);
	return mlw_fail(err, "unknown option %s", word);
}

/* A variable that is a number; unset or empty, it is not there. */
static int read_variable(const char *name, uint32_t *number, bool *is_set,
                         struct mlw_error *err)
{
	const char *text = getenv(name);

	*is_set = text && *text;
	return *is_set ? parse_number(text, name, 0, INT_MAX, number, err) : 0;
}

static int read_environment(struct mlw_run_options *options, struct mlw_error *err)
{
	uint32_t every = 0, seed = 0;
	bool is_set;

	if (read_variable("MALLOW_VERIFY_STACKS", &every, &is_set, err))
		return -1;
	if (is_set)
		options->verify_every = every;
	if (read_variable("MALLOW_SAMPLE_SEED", &seed, &is_set, err))
		return -1;
	if (is_set)
		options->sample_seed = seed;
	return 0;
}

/* The first word that is no option is the program: what follows is its own. */
enum mlw_run_options_result mlw_run_options_parse(struct mlw_run_options *options,
                                                  int argc, char **argv,
                                                  struct mlw_error *err)
{
	int id;

	mlw_run_options_init(options);
	opterr = 0;
	optind = 0;
	while ((id = getopt_long(argc, argv, "+:ho:", long_options, NULL)) != -1) {
		if (id == 'h')
			return MLW_RUN_OPTIONS_HELP;
		if (id == '?' || id == ':') {
			wrong_option(id, argv, err);
			return MLW_RUN_OPTIONS_WRONG;
		}
		if (take_option(options, id, err))
			return MLW_RUN_OPTIONS_WRONG;
	}
	if (optind == argc) {
		mlw_fail(err, "no program is named");
		return MLW_RUN_OPTIONS_WRONG;
	}
	options->command = argv + optind;
	return read_environment(options, err) ? MLW_RUN_OPTIONS_WRONG
	                                      : MLW_RUN_OPTIONS_GO;
}
