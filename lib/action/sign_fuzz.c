#include "action/sign.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

static GString *
edited(const GArray *edits, const unsigned char *data, size_t size)
{
	GString *out = g_string_new(NULL);
	size_t at = 0;

	for (guint i = 0; i < edits->len; i++) {
		const struct ms_sign_edit *edit = &g_array_index(edits,
		    struct ms_sign_edit, i);

		if (edit->at < at || edit->at > size ||
		    edit->removed > size - edit->at)
			abort();
		g_string_append_len(out, (const char *)data + at,
		    (gssize)(edit->at - at));
		g_string_append_len(out, edit->inserted->str,
		    (gssize)edit->inserted->len);
		at = edit->at + edit->removed;
	}
	g_string_append_len(out, (const char *)data + at,
	    (gssize)(size - at));
	return out;
}

/* Edits are within the message, in their order, at most two; what was signed is
 * not signed again. */
int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	static struct ms_signature *signature;
	GArray *edits, *again;
	GString *out;

	if (!signature && ms_signature_new("-- \nGepr\303\274ft <b>\n",
	    &signature, NULL) != MS_OK)
		abort();
	edits = ms_sign(signature, data, size, false);
	if (edits)
		g_array_unref(edits);
	edits = ms_sign(signature, data, size, true);
	if (!edits)
		return 0;
	if (edits->len < 1 || edits->len > 2)
		abort();
	out = edited(edits, data, size);
	again = ms_sign(signature, (const unsigned char *)out->str, out->len,
	    true);
	if (again)
		abort();
	(void)g_string_free(out, TRUE);
	g_array_unref(edits);
	return 0;
}
