#include "source/kin.h"

#include "source/beside.h"
#include "source/cyrus.h"
#include "source/dbox.h"
#include "source/exim.h"
#include "source/postfix.h"
#include "source/sendmail.h"

#include <string.h>

/* As much as shows what a file is. */
#define HEAD 128

static enum ms_kin
companion(char *name, enum ms_kin kin, char **main)
{
	*main = name;
	return kin;
}

/* Does the file NAME lie beside, and is it the header file of message ID? */
static bool
has_header(const struct ms_queue_place *place, const char *name, size_t id)
{
	unsigned char data[HEAD];
	size_t size = ms_beside_head(place, name, data, sizeof data);

	return ms_exim_is(data, size, 'H') == id &&
	    memcmp(data, name, id) == 0;
}

/* A file that begins with its own name, or a journal; or a header on its way
 * to get its name. Nothing of a journal, and whatever is called like one, is in
 * the message: it is a file like any other, unless the queue ALONE is asked
 * for. */
static enum ms_kin
exim(const struct ms_queue_place *place, const unsigned char *data,
    size_t size, bool alone, char **main)
{
	const char *name = ms_beside_name(place);
	size_t header = ms_exim_is(data, size, 'H');
	size_t body = ms_exim_is(data, size, 'D');
	size_t id = header + body > 0 ? header + body :
	    ms_exim_id(name, strlen(name));
	const char *start = header + body > 0 ? (const char *)data : name;
	char *own;
	bool there;

	if (id == 0)
		return MS_KIN_NONE;
	own = g_strdup_printf("%.*s-H", (int)id, start);
	there = has_header(place, own, id);
	if (header > 0 && (!there || strcmp(own, name) == 0)) {
		g_free(own);
		return MS_KIN_EXIM;
	}
	if (header + body > 0)
		return companion(own, there ? MS_KIN_COMPANION :
		    MS_KIN_EARLY, main);
	if (there && alone && strcmp(name + id, "-J") == 0)
		return companion(own, MS_KIN_COMPANION, main);
	g_free(own);
	return MS_KIN_NONE;
}

/* Is the data file of message ID the one that lies in DIR, too? Then that is
 * what is read with the control file there. */
static bool
has_data(const struct ms_queue_place *place, const char *dir, const char *id)
{
	unsigned char data[HEAD];
	char *name = g_strconcat(dir, "df", id, NULL);
	size_t size = ms_beside_head(place, name, data, sizeof data);

	g_free(name);
	return size > 0;
}

/* The control file of message ID, which has one of three names and lies
 * beside or in the directory for such; NULL: is not there. */
static char *
control_file(const struct ms_queue_place *place, const char *id)
{
	static const char *const forms[] = {
		"qf", "hf", "Qf", "../qf/qf", "../qf/hf", "../qf/Qf",
	};

	for (size_t i = 0; i < G_N_ELEMENTS(forms); i++) {
		unsigned char data[HEAD];
		char *name = g_strconcat(forms[i], id, NULL);
		size_t size = ms_beside_head(place, name, data, sizeof data);

		if (ms_sendmail_is(data, size) && (name[0] != '.' ||
		    !has_data(place, "../qf/", id)))
			return name;
		g_free(name);
	}
	return NULL;
}

/* Transcripts are as journals there. */
static enum ms_kin
sendmail(const struct ms_queue_place *place, const unsigned char *data,
    size_t size, bool alone, char **main)
{
	const char *name = ms_beside_name(place);
	bool control = ms_sendmail_is(data, size);
	char *own;

	if (strlen(name) < 3 || name[1] != 'f')
		return control ? MS_KIN_SENDMAIL : MS_KIN_NONE;
	if (control && strchr("qhQ", name[0]))
		return MS_KIN_SENDMAIL;
	if (name[0] != 'd' && (!alone || !strchr("xt", name[0])))
		return control ? MS_KIN_SENDMAIL : MS_KIN_NONE;
	own = control_file(place, name + 2);
	if (own)
		return companion(own, MS_KIN_COMPANION, main);
	return control ? MS_KIN_SENDMAIL : MS_KIN_NONE;
}

/* The format is asked for, and the content does not say it. */
static enum ms_kin
forced(const struct ms_queue_config *config)
{
	const char *name = ms_beside_name(&config->place);

	switch (config->source->format) {
	case MS_SOURCE_QMAIL:
		return name[strspn(name, "0123456789")] == '\0' ?
		    MS_KIN_QMAIL : MS_KIN_FOREIGN;
	case MS_SOURCE_CYRUS:
		return ms_cyrus_is_message(name) ? MS_KIN_CYRUS :
		    MS_KIN_FOREIGN;
	case MS_SOURCE_POSTFIX:
	case MS_SOURCE_EXIM:
	case MS_SOURCE_SENDMAIL:
	case MS_SOURCE_DBOX:
		return MS_KIN_FOREIGN;
	default:
		return MS_KIN_NONE;
	}
}

enum ms_kin
ms_kin_of(const struct ms_queue_config *config, const unsigned char *data,
    size_t size, char **main)
{
	enum ms_source_format format = config->source->format;
	const char *known = config->origin->format;
	bool any = format == MS_SOURCE_AUTO;
	enum ms_kin kin = MS_KIN_NONE;

	*main = NULL;
	if (known && strcmp(known, "qmail") == 0)
		return MS_KIN_QMAIL;
	if (known && strcmp(known, "cyrus") == 0)
		return MS_KIN_CYRUS;
	/* A Maildir or MH folder. */
	if (known)
		return MS_KIN_NONE;
	if ((any || format == MS_SOURCE_POSTFIX) &&
	    ms_postfix_is(data, size))
		return MS_KIN_POSTFIX;
	if ((any || format == MS_SOURCE_DBOX) && ms_dbox_is(data, size))
		return MS_KIN_DBOX;
	if (any || format == MS_SOURCE_EXIM)
		kin = exim(&config->place, data, size, !any, main);
	if (kin == MS_KIN_NONE && (any || format == MS_SOURCE_SENDMAIL))
		kin = sendmail(&config->place, data, size, !any, main);
	return kin == MS_KIN_NONE ? forced(config) : kin;
}
