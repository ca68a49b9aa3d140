#ifndef GENTLE_H
#define GENTLE_H

#include "mailscan.h"

/* Have this process, and all that it starts from now on, give way to others:
 * LEVEL is that of nice(1), 0 (as it is) to 19, where the disk, too, is only
 * used when nobody else wants it. A process that gives way already goes no
 * further up. */
enum ms_status gentle_be(int level, struct ms_error *err);

#endif
