#include "message/maildir.h"

#include <dirent.h>
#include <fcntl.h>
#include <glib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Where the info begins: the last ":2," or ";2,". */
static const char *
info(const char *name)
{
	for (const char *p = name + strlen(name); p > name; p--)
		if ((p[-1] == ':' || p[-1] == ';') && p[0] == '2' &&
		    p[1] == ',')
			return p - 1;
	return NULL;
}

char *
ms_maildir_flags(const char *name)
{
	const char *p = info(name);
	size_t n = 0;

	if (!p)
		return NULL;
	p += 3;
	while (g_ascii_isalpha(p[n]))
		n++;
	return g_strndup(p, n);
}

size_t
ms_maildir_unique(const char *name)
{
	const char *p = info(name);

	return p ? (size_t)(p - name) : strlen(name);
}

int64_t
ms_maildir_delivered(const char *name)
{
	int64_t seconds = 0;
	const char *p = name;

	/* Eleven digits reach the year 5138. */
	for (; g_ascii_isdigit(*p) && p - name < 11; p++)
		seconds = seconds * 10 + (*p - '0');
	return p > name && *p == '.' ? seconds : -1;
}

bool
ms_maildir_is_control(const char *name)
{
	/* A final '*' stands for any rest. */
	static const char *const names[] = {
		"courier*", "dovecot*", "maildirfolder", "maildirsize",
		"maildirshared", "shared-maildirs", "shared-folders",
		"subscriptions", "sqwebmail*",
	};

	for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
		size_t n = strlen(names[i]);

		if (names[i][n - 1] == '*' ?
		    strncmp(name, names[i], n - 1) == 0 :
		    strcmp(name, names[i]) == 0)
			return true;
	}
	return false;
}

static bool
is_directory(int dir, const char *name)
{
	struct stat st;

	return fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	    S_ISDIR(st.st_mode);
}

bool
ms_maildir_is(int dir)
{
	return is_directory(dir, "cur") && is_directory(dir, "new");
}

/* The names that a message most often gets next: no need to read a large
 * directory for these. */
static char *
guess(int dir, const char *name, size_t unique)
{
	static const char *const infos[] = { "", ":2,", ":2,S", ":2,RS" };

	for (size_t i = 0; i < G_N_ELEMENTS(infos); i++) {
		char *now = g_strdup_printf("%.*s%s", (int)unique, name,
		    infos[i]);
		struct stat st;

		if (fstatat(dir, now, &st, AT_SYMLINK_NOFOLLOW) == 0)
			return now;
		g_free(now);
	}
	return NULL;
}

char *
ms_maildir_find(int dir, const char *name)
{
	size_t unique = ms_maildir_unique(name);
	char *now = guess(dir, name, unique);
	int fd = now ? -1 : openat(dir, ".", O_RDONLY | O_DIRECTORY |
	    O_CLOEXEC);
	DIR *list = fd >= 0 ? fdopendir(fd) : NULL;
	struct dirent *entry;

	if (!list) {
		if (fd >= 0)
			(void)close(fd);
		return now;
	}
	while (!now && (entry = readdir(list)))
		if (ms_maildir_unique(entry->d_name) == unique &&
		    strncmp(entry->d_name, name, unique) == 0)
			now = g_strdup(entry->d_name);
	(void)closedir(list);
	return now;
}
