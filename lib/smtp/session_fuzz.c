#include "smtp/session_test.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

/* The first byte says what session it is, the others are the client's. */
int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	static const struct session_test_reply replies[] = {
		{ "RCPT TO:<n", 550, false },
		{ "MAIL FROM:<n", 450, false },
		{ "BDAT 3", 552, false },
		{ "BDAT 2", 552, true },
		{ "BDAT 4", 250, true },
		{ "DATA\t", 451, false },
		{ "DATA x", 354, false },
		{ "XCLIENT N", 550, false },
		{ NULL, 0, false },
	};
	struct session_test_setup setup = {
		.config = {
			.line_max = 100,
			.response_max = 120,
			.recipients_max = 4,
		},
		.replies = replies,
	};
	struct cuts_test test = session_test(&setup);
	GString *log;

	if (size == 0)
		return 0;
	setup.config.greeting = data[0] & 1;
	setup.config.lmtp = data[0] & 2;
	setup.config.lenient = data[0] & 4;
	setup.config.loose = data[0] & 8;
	setup.config.pipeline_max = (data[0] >> 4) & 7;
	if (data[0] & 128)
		setup.replies = NULL;
	/* However it arrives, it is the same session. */
	log = cuts_test_all(&test, data + 1, size - 1, 1, NULL);
	if (!log)
		abort();
	g_string_free(log, TRUE);
	return 0;
}
