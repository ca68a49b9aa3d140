#ifndef MS_CURLTEST_H
#define MS_CURLTEST_H

#include "capture/form.h"

/*
 * Test definitions of curl for SMTP: <protocol> has the client's lines, and
 * <upload> the mail that follows the first DATA in them, as it was sent.
 * Their %-notation is undone where it stands for bytes; what the test server
 * answers is not in them.
 */
extern const struct ms_form ms_curltest;

#endif
