#ifndef MS_MARKING_H
#define MS_MARKING_H

#include "policy/decide.h"
#include "policy/wording.h"

/*
 * The header fields that a service adds to messages: one of the
 * administrator's wording, and X-Virus-Status. Under these names nobody else
 * may have put any there.
 */

/* What the first one is unless something else is wanted. */
#define MS_MARKING_USUAL "X-Virus-Scanned: mailscan %V at %h"

/* What X-Virus-Status says: "Infected (NAME)" and "Not fully scanned (why)", or
 * as the older clamav-milter "Infected with NAME" and "Not Scanned - why". */
enum ms_marking_words { MS_MARKING_MODERN, MS_MARKING_CLASSIC };

struct ms_marking_config {
	const char *header;	/* policy/wording, which passed the check; "":
				 * none; several have line ends (\r\n, as
				 * wording writes it) between them */
	bool status;		/* and X-Virus-Status */
	enum ms_marking_words words;	/* of that */
};

/* Can TEXT be such a header: fields, of which each line may be folded by one
 * that begins with a blank? MS_OK or MS_E_USAGE. */
enum ms_status ms_marking_check(const char *text, struct ms_error *err);

/* The names of fields that go, for an edit (action/label.h) and
 * g_strfreev(); other people's fields of the same name that no scanner owns
 * (those not in X-) stay. */
char **ms_marking_names(const struct ms_marking_config *config);

/* The fields of a message to which ACTION is done, with their line ends, for
 * g_free(). VERDICT is that of what decided; what it was, of VALUES, may be
 * NULL. */
char *ms_marking(const struct ms_marking_config *config,
    enum ms_verdict verdict, enum ms_action action,
    const struct ms_wording *values);

/* The fields in TEXT, which has line ends "\r\n": each with the folded lines
 * behind it, without its end. NULL-ended, for g_strfreev(); TEXT may be
 * NULL. */
char **ms_marking_split(const char *text);

#endif
