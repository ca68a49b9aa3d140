#include "serve/hole.h"

#include "action/hook.h"

#include <string.h>

enum ms_status
ms_hole(const struct ms_hole_config *config, const char *recipient,
    struct ms_error *err)
{
	const guint words = g_strv_length((char **)(uintptr_t)config->argv);
	const char **argv = g_new0(const char *, words + 2);
	const struct ms_hook hook = { .argv = argv, .input = -1,
		.timeout_ms = config->timeout_ms };
	struct ms_hook_result result;
	enum ms_status status;

	/* It would be taken for an option. */
	if (*recipient == '-' || *recipient == '\0') {
		g_free(argv);
		return MS_END;
	}
	memcpy(argv, config->argv, words * sizeof *argv);
	argv[words] = recipient;
	status = ms_hook_run(&hook, &result, err);
	if (status == MS_OK) {
		status = result.exit_status == 1 ? MS_END :
		    ms_hook_succeeded(&hook, &result, err);
		ms_hook_result_clear(&result);
	}
	g_free(argv);
	return status;
}
