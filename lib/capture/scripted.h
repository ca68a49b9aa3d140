#ifndef MS_SCRIPTED_H
#define MS_SCRIPTED_H

#include "capture/form.h"

/* Our own form of a transcript, mailscan-transcript(5), which script.h
 * writes: nothing in it is guessed. */
extern const struct ms_form ms_scripted;

#endif
