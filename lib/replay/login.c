#include "replay/login.h"

#include <string.h>

/* "PREFIX" and the SIZE bytes at DATA in base64. */
static char *
encoded(const char *prefix, const char *data, size_t size)
{
	char *text = g_base64_encode((const guchar *)data, size);
	char *line = g_strconcat(prefix, text, "\r\n", NULL);

	g_free(text);
	return line;
}

/* Is NAME among the words of LIST? */
static bool
has(const char *list, const char *name)
{
	char **words = g_strsplit_set(list, " \t", -1);
	bool found = false;

	for (char **word = words; *word; word++)
		found |= g_ascii_strcasecmp(*word, name) == 0;
	g_strfreev(words);
	return found;
}

char *
ms_login_first(struct ms_login *login, const struct ms_reply *offers,
    const char *user, const char *password)
{
	const size_t user_size = strlen(user);
	char *value = NULL, *line = NULL;
	GString *text;

	if (!ms_reply_extension(offers, "AUTH", &value) || !value) {
		g_free(value);
		return NULL;
	}
	login->stage = 1;
	login->plain = has(value, "PLAIN");
	if (login->plain) {
		text = g_string_new_len("", 1);
		g_string_append_len(text, user, (gssize)user_size + 1);
		g_string_append(text, password);
		line = encoded("AUTH PLAIN ", text->str, text->len);
		g_string_free(text, TRUE);
	} else if (has(value, "LOGIN"))
		line = g_strdup("AUTH LOGIN\r\n");
	g_free(value);
	return line;
}

char *
ms_login_next(struct ms_login *login, const char *user, const char *password)
{
	const char *word = login->stage == 1 ? user : password;

	if (login->plain || login->stage > 2)
		return NULL;
	login->stage++;
	return encoded("", word, strlen(word));
}
