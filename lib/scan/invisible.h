#ifndef MS_INVISIBLE_H
#define MS_INVISIBLE_H

#include <glib.h>

#include <stdbool.h>

/* Does C leave no trace on a screen: controls, formats, and what else Unicode
 * calls Default_Ignorable_Code_Point? */
bool ms_invisible(gunichar c);

#endif
