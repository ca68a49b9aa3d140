#ifndef MS_CERTIFICATES_TEST_H
#define MS_CERTIFICATES_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <glib.h>

/* STEM.pem and STEM.key, for one run of a test, in its own directory: of one
 * who vouches for himself and is NAMES (as in "DNS:a.example,IP:127.0.0.1"). */
static inline void
certificate_make(const char *stem, const char *names)
{
	char *command = g_strdup_printf("openssl req -x509 -nodes -days 2 "
	    "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -subj /CN=%s "
	    "-addext subjectAltName=%s -out %s.pem -keyout %s.key", stem,
	    names, stem, stem);
	char *output = NULL, *errors = NULL;
	int status = -1;

	assert_true(g_spawn_command_line_sync(command, &output, &errors,
	    &status, NULL));
	if (status != 0)
		fail_msg("%s: %s", command, errors);
	g_free(output);
	g_free(errors);
	g_free(command);
}

#endif
