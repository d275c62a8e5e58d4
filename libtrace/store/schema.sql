-- A .mallow file: one run of a program and of every process that it forked or executed.
-- docs/format.md describes what is inside the columns named data and inside those of chunk.
--
-- Ids count from 1 without gaps; 0 means none. Times are microseconds since the start of the
-- run unless the name says otherwise. Sizes are bytes. "(JSON)" is a JSON text.

PRAGMA application_id = 0x4d414c57; -- "MALW"
PRAGMA user_version = 1;

CREATE TABLE run (
	id INTEGER PRIMARY KEY, -- always 1
	command TEXT, -- (JSON) array of strings
	working_directory TEXT,
	version TEXT, -- of the mallow that recorded
	options TEXT, -- (JSON) object
	started_at_ns INTEGER, -- since 1970, UTC
	duration_ns INTEGER,
	time_resolution_ns INTEGER, -- times are not finer than this
	peak_uncertainty INTEGER, -- the run's peak is exact to so many bytes
	lost_events INTEGER, -- the program did not wait for the collector
	damaged_events INTEGER, -- what came from the program and made no sense
	stacks_verified INTEGER, -- compared with libunwind
	stack_mismatches INTEGER, -- and found different
	collector_cpu_ns INTEGER,
	collector_peak_rss INTEGER,
	collector_events INTEGER,
	depth INTEGER, -- most recent frames kept of a stack
	ended INTEGER, -- of the first process: 0 running, 1 exit, 2 signal, 3 exec,
	               -- 4 detached, 5 lost
	exit_code INTEGER, -- with ended = 1
	signal INTEGER, -- with ended = 2
	closed INTEGER, -- 1: the collector finished this file
	keeps_addresses INTEGER, -- 1: chunk.address is there
	keeps_events INTEGER, -- 0: no chunks, only checkpoints
	cut_changes INTEGER, -- so many changes after the last chunk were not kept (--max-size)
	saved INTEGER, -- 0: a recording; 1: one snapshot of one, saved by itself; 2: one that
	               -- was built out of traces
	sample_bytes INTEGER -- 0: all was recorded; else (--sample) 1 byte in so many, and
	                     -- what is told of the malloc domain are estimates
);

CREATE TABLE process (
	id INTEGER PRIMARY KEY,
	parent INTEGER, -- process.id
	pid INTEGER,
	command TEXT, -- (JSON) array of strings
	started_us INTEGER,
	ended_us INTEGER,
	ended INTEGER, -- as in run
	exit_code INTEGER, -- -1 not known
	signal INTEGER,
	recorded INTEGER, -- 0: not, and reason says why
	reason TEXT,
	lost_events INTEGER,
	tracer_size INTEGER, -- memory that Mallow used in it
	peak_rss INTEGER -- 0 not known
);

CREATE TABLE thread (
	id INTEGER PRIMARY KEY,
	process INTEGER, -- process.id
	tid INTEGER,
	name TEXT,
	started_us INTEGER,
	ended_us INTEGER -- 0: not ended by itself
);

CREATE TABLE module ( -- one loading of a library or executable
	id INTEGER PRIMARY KEY,
	path TEXT,
	build_id BLOB -- NULL: it has none
);

CREATE TABLE string (
	id INTEGER PRIMARY KEY,
	text TEXT
);

CREATE TABLE name ( -- what the program itself has named
	id INTEGER PRIMARY KEY,
	kind INTEGER, -- 1 domain, 2 scope
	number INTEGER, -- of the domain or scope in traces
	text TEXT
);

CREATE TABLE metadata ( -- what somebody attached to a saved snapshot
	id INTEGER PRIMARY KEY, -- in the order of the keys
	key TEXT,
	value BLOB -- NULL: no bytes
);

CREATE TABLE pool ( -- pools of a process in one domain whose blocks take the same, at its end
	id INTEGER PRIMARY KEY,
	process INTEGER,
	domain INTEGER, -- as in traces
	block_size INTEGER, -- bytes that each block takes, 0: as many as were asked for
	created INTEGER, -- pools in all its life
	pools INTEGER, -- that were there at the end
	size INTEGER, -- bytes of their memory
	peak_size INTEGER, -- the most that these ever were
	blocks INTEGER,
	used_size INTEGER, -- bytes that were asked for
	free_size INTEGER, -- bytes of memory in which no block lies
	largest_free INTEGER -- in one piece
);

CREATE TABLE location ( -- a source-level frame of a machine frame
	id INTEGER PRIMARY KEY, -- those of a frame follow one another, innermost first
	frame INTEGER,
	function INTEGER, -- string.id, 0 unknown
	file INTEGER, -- string.id, 0 unknown
	line INTEGER, -- 0 unknown
	inlined INTEGER -- 1: into the next location of the frame
);

CREATE TABLE snapshot (
	id INTEGER PRIMARY KEY,
	name TEXT,
	at_us INTEGER,
	size INTEGER, -- live
	count INTEGER, -- live
	checkpoint INTEGER -- checkpoint.id
);

CREATE TABLE timeline (
	id INTEGER PRIMARY KEY,
	at_us INTEGER,
	size INTEGER, -- live
	count INTEGER, -- live
	rss INTEGER, -- of all recorded processes, 0 not known
	allocations INTEGER -- so far
);

CREATE TABLE segment ( -- many small things in one row
	id INTEGER PRIMARY KEY,
	kind INTEGER, -- 1 frames, 2 nodes, 3 traces, 4 blocks live at the end
	first INTEGER, -- id of the first (kind 4: how many came before)
	count INTEGER,
	data BLOB
);

CREATE TABLE checkpoint ( -- the state of all heaps after a number of changes
	id INTEGER PRIMARY KEY,
	number INTEGER, -- changes before it
	at_us INTEGER,
	ordinal INTEGER, -- allocations before it
	traces INTEGER,
	threads INTEGER,
	processes INTEGER,
	domains INTEGER,
	data BLOB
);

CREATE TABLE chunk ( -- changes of all heaps, in order, one blob a column
	id INTEGER PRIMARY KEY,
	first INTEGER, -- changes before it
	count INTEGER,
	ordinal INTEGER, -- allocations before it
	start_us INTEGER, -- of the change before it
	end_us INTEGER, -- of its last change
	threads BLOB, -- thread.id of those that did something; NULL: too many for a list
	traces BLOB, -- of the blocks, new and old; NULL: the same
	op BLOB, -- what happened
	thread BLOB, -- who did it
	time BLOB,
	trace BLOB, -- of new blocks
	size BLOB, -- of new blocks
	age BLOB, -- of old blocks, in allocations
	old_trace BLOB, -- old_*: of old blocks from before this chunk
	old_size BLOB,
	old_time BLOB,
	address BLOB -- NULL unless run.keeps_addresses
);

CREATE TABLE digest ( -- what the other tables must hold
	id INTEGER PRIMARY KEY,
	name TEXT, -- of the table
	rows INTEGER,
	sum INTEGER -- of the checksums of its rows
);
