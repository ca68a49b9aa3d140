#include "capture/transcript.h"

#include <stdint.h>
#include <stdlib.h>

#include "capture/script_test.h"

#define FORMATS (MS_CAPTURE_CURLTEST - MS_CAPTURE_TRANSCRIPT + 1)

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

/* The first byte chooses the form and how the rest is read. Each dialogue that
 * comes of it, written down and read again, is the same; each end is one that
 * the header names. */
int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	struct text_input input;
	struct ms_stash *stash;
	struct ms_transcript_config config;
	struct ms_transcript *transcript;
	struct ms_dialogue *dialogue;
	enum ms_status status;

	if (size == 0)
		return 0;
	input = (struct text_input){
		.text = (const char *)data + 1, .size = size - 1,
		.step = data[0] & 0x40 ? 1 : data[0] & 0x80 ? 13 : 0,
	};
	stash = text_stash(data[0] & 0x20 ? 1 << 15 : 1 << 24);
	config = (struct ms_transcript_config){
		.format = (data[0] & 0x1f) < FORMATS ? (enum ms_capture_format)
		    (MS_CAPTURE_TRANSCRIPT + (data[0] & 0x1f)) :
		    MS_CAPTURE_AUTO,
		.stash = stash, .read = text_read, .read_arg = &input,
	};
	status = ms_transcript_open(&config, &transcript, NULL);
	if (status == MS_OK) {
		struct ms_stash *other = text_stash(1 << 26);

		while ((status = ms_transcript_next(transcript, &dialogue,
		    NULL)) == MS_OK) {
			if (dialogue->turns->len == 0 ||
			    !script_same(other, dialogue))
				abort();
			ms_dialogue_free(dialogue);
		}
		ms_stash_free(other);
		if (status != MS_END && status != MS_E_FORMAT &&
		    status != MS_E_LIMIT)
			abort();
	}
	ms_transcript_free(transcript);
	ms_stash_free(stash);
	return 0;
}
