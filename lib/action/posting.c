#include "action/posting.h"

#include "action/hook.h"

#include <unistd.h>

enum ms_status
ms_posting(const struct ms_posting *posting, const GString *mail,
    struct ms_error *err)
{
	static const char *const before[] = { "-oi", "-f", "<>", "--" };
	GPtrArray *argv = g_ptr_array_new();
	struct ms_hook hook = { .timeout_ms = posting->timeout_ms,
		.input = -1 };
	struct ms_hook_result result;
	enum ms_status status = ms_hook_input(mail->str, mail->len,
	    &hook.input, err);

	g_ptr_array_add(argv, (char *)(uintptr_t)posting->sendmail);
	for (size_t i = 0; i < G_N_ELEMENTS(before); i++)
		g_ptr_array_add(argv, (char *)(uintptr_t)before[i]);
	for (const char *const *to = posting->to; *to; to++)
		g_ptr_array_add(argv, (char *)(uintptr_t)*to);
	g_ptr_array_add(argv, NULL);
	hook.argv = (const char *const *)argv->pdata;
	if (status == MS_OK) {
		status = ms_hook_run(&hook, &result, err);
		(void)close(hook.input);
	}
	if (status == MS_OK) {
		status = ms_hook_succeeded(&hook, &result, err);
		ms_hook_result_clear(&result);
	}
	g_ptr_array_unref(argv);
	return status;
}
