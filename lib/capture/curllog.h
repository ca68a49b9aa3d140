#ifndef MS_CURLLOG_H
#define MS_CURLLOG_H

#include "capture/form.h"

/* What curl says with -v: "> EHLO a", "< 250 b", "* " before its own words,
 * its progress meter in between. Mail is not shown. */
extern const struct ms_form ms_curllog;

#endif
