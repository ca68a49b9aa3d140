#include "state/state.h"
#include "state/upkeep.h"

#include <fcntl.h>
#include <glib.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

/* A state somebody has tampered with: the input says which bytes of a sound
 * one become what, in fours: three of an offset, and the byte. */

static char path[] = "/tmp/mailscan-fuzz-XXXXXX";
static gchar *sound;
static gsize sound_size;

static const struct ms_state_config config = {
	.path = path, .act_on = 1u << MS_VERDICT_INFECTED, .policy = 1,
	.runs = { .engine = "test", .database = { { 1 } },
	    .options = { { 1 } } },
};

static void
tell(void *arg, struct ms_outcome *outcome, bool fresh)
{
	(void)arg;
	(void)outcome;
	(void)fresh;
}

static void
tell_kept(void *arg, struct ms_outcome *outcome,
    const struct ms_found_kept *kept)
{
	(void)arg;
	(void)outcome;
	(void)kept;
}

/* The file NUMBER of a list, as THING is told; every second one is found. */
static void
run_file(struct ms_state *state, const struct ms_source_config *source,
    struct ms_memory_thing *thing, unsigned char number)
{
	char name[] = { (char)('a' + number), '\0' };
	struct ms_source_item item = { .kind = MS_SOURCE_FINISHED,
		.origin.source = name };
	struct ms_message message = { .size = number,
		.sha256 = { { number } }, .origin.source = name };
	struct ms_outcome *outcome;
	struct ms_state_known known;
	enum ms_memory_answer answer;

	thing->name = name;
	answer = source->memory->file(source->memory_arg, thing,
	    &item.origin.ticket);
	message.origin.ticket = item.origin.ticket;
	if (answer == MS_MEMORY_TELL)
		item.kind = MS_SOURCE_KNOWN;
	if (answer == MS_MEMORY_READ) {
		outcome = ms_outcome_new(&message);
		if (number % 2 == 0)
			ms_facts_finding(&outcome->facts, "test", "Bad", "");
		outcome->verdict = ms_verdict_of(&outcome->facts);
		if (ms_state_knows(state, &message, &known))
			ms_state_recall(state, &known, outcome, tell, NULL);
		else
			(void)ms_state_scanned(state, outcome);
		ms_outcome_free(outcome);
	}
	if (item.origin.ticket != 0 && answer != MS_MEMORY_PASS)
		ms_state_item(state, &item, tell, NULL);
}

/* A list of three files with a message each. */
static void
run(struct ms_state *state)
{
	struct ms_source_config source = { 0 };
	struct stat st = { .st_ino = 1, .st_mode = S_IFDIR };
	struct ms_memory_thing thing = { .name = "/m/cur", .st = &st };
	struct ms_source_item list = { .kind = MS_SOURCE_FINISHED,
		.list = true };
	enum ms_memory_answer answer;

	ms_state_watch(state, &source);
	answer = source.memory->list(source.memory_arg, &thing,
	    &list.origin.ticket);
	thing.list = list.origin.ticket;
	if (answer == MS_MEMORY_TELL)
		list.kind = MS_SOURCE_KNOWN;
	for (unsigned char i = 0; i < 3 && answer == MS_MEMORY_READ &&
	    thing.list != 0; i++) {
		st.st_ino = 2u + i;
		run_file(state, &source, &thing, i);
	}
	if (list.origin.ticket != 0 && answer != MS_MEMORY_PASS)
		ms_state_item(state, &list, tell, NULL);
	(void)ms_state_end(state, true, NULL);
}

static void
attempt(void)
{
	struct ms_state *state;
	struct ms_error err;

	if (ms_state_open(&config, &state, &err) != MS_OK)
		return;
	run(state);
	ms_state_close(state);
}

static void
clean(void)
{
	static const char *const suffixes[] = { "", "-wal", "-shm",
		"-journal" };

	for (size_t i = 0; i < G_N_ELEMENTS(suffixes); i++) {
		char *name = g_strconcat(path, suffixes[i], NULL);

		(void)unlink(name);
		g_free(name);
	}
}

static void
make_sound(void)
{
	int fd = g_mkstemp(path);

	if (fd >= 0)
		(void)close(fd);
	attempt();
	if (!g_file_get_contents(path, &sound, &sound_size, NULL))
		g_error("no state was made");
	clean();
}

static void
look(void)
{
	struct ms_upkeep_pruned pruned;
	struct ms_upkeep_info info;
	struct ms_store *store;
	struct ms_error err;

	if (ms_store_open(path, MS_STORE_WRITE, &store, &err) != MS_OK)
		return;
	(void)ms_store_check(store, true, &err);
	(void)ms_upkeep_tell(store, tell_kept, NULL, &err);
	if (ms_upkeep_info(store, &info, &err) == MS_OK)
		ms_upkeep_info_clear(&info);
	(void)ms_upkeep_prune(store, 1, &pruned, &err);
	ms_store_close(store);
}

int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	char *bytes;

	if (!sound)
		make_sound();
	bytes = g_memdup2(sound, sound_size);
	for (size_t i = 0; i + 4 <= size; i += 4)
		bytes[((size_t)data[i] << 16 | (size_t)data[i + 1] << 8 |
		    data[i + 2]) % sound_size] = (char)data[i + 3];
	if (!g_file_set_contents_full(path, bytes, (gssize)sound_size,
	    G_FILE_SET_CONTENTS_NONE, 0600, NULL))
		g_error("no room for a state");
	g_free(bytes);
	attempt();
	look();
	clean();
	return 0;
}
