#include "pool/courier.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	struct ms_courier_question question;
	struct ms_engine_answer answer;

	(void)ms_courier_read_question(data, size, &question);
	if (ms_courier_read_answer(data, size, &answer) != MS_OK &&
	    answer.kind != MS_ENGINE_FAILED)
		abort();
	if (answer.kind == MS_ENGINE_FOUND && answer.text[0] == '\0')
		abort();
	if (strnlen(answer.text, sizeof answer.text) == sizeof answer.text)
		abort();
	return 0;
}
