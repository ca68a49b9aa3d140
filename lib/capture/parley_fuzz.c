#include "capture/parley.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

/* A reader that was taken over sends what it likes. No more comes out than
 * went in, and what comes out is well formed. */
int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	const struct ms_stash_config room = { .memory_max = 16 << 10,
		.fd = -1 };
	struct ms_stash *stash = ms_stash_new(&room);
	int fd = memfd_create("parley", MFD_CLOEXEC);
	const struct ms_parley_config config = { .stream = fd,
		.stash = stash };
	struct ms_parley *in = ms_parley_new(&config);
	enum ms_capture_format format;
	struct ms_dialogue *dialogue;
	size_t sum = 0;

	if (fd < 0 || write(fd, data, size) != (ssize_t)size ||
	    lseek(fd, 0, SEEK_SET) != 0)
		abort();
	if (ms_parley_kind(in, &format, NULL) == MS_OK &&
	    format <= MS_CAPTURE_NONE)
		abort();
	while (ms_parley_next(in, &dialogue, NULL) == MS_OK) {
		sum += ms_stash_chain_size(dialogue->bytes) +
		    dialogue->turns->len;
		for (size_t i = 0; i < dialogue->turns->len; i++) {
			const struct ms_turn *turn =
			    ms_dialogue_turn(dialogue, i);

			if (turn->kind >= MS_TURN_KINDS ||
			    turn->side >= MS_SIDES || turn->time_us < -1)
				abort();
		}
		ms_dialogue_free(dialogue);
	}
	if (sum > size)
		abort();
	ms_parley_free(in);
	ms_stash_free(stash);
	(void)close(fd);
	return 0;
}
