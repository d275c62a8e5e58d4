/* SPDX-License-Identifier: MIT */
#include "cmd/help.h"

const char mlw_help_groups[] =
        "  --by GROUP          line (default), function, file, module, trace, thread,\n"
        "                      process, domain, scope or size\n"
        "  --sort KEY          size (default), count, peak, allocated, allocations or\n"
        "                      temporary\n";

const char mlw_help_filters[] =
        "  --include GLOB      only sites whose function, file or module matches\n"
        "  --exclude GLOB      no sites whose function, file or module matches\n"
        "  --all-frames        match every frame of a stack, not only its site\n"
        "  --domain NAME       malloc (default), mmap, brk, the program's own, all\n"
        "  --thread T          only thread T: its id or a glob of its name\n"
        "  --process P         only process P: its id, its pid or a glob of its "
        "program\n";

const char mlw_help_names[] =
        "  --wrapper GLOB      functions that only pass allocations on, never a site\n"
        "  --source-root DIR   name the files below DIR relative to it\n"
        "  --path-map OLD=NEW  replace the beginning OLD of files' paths\n";

const char mlw_help_output[] = "  --json, --csv       for programs\n"
                               "  --color[=WHEN]      auto (default), always or never\n";
