#ifndef MS_FLOWSYNTH_H
#define MS_FLOWSYNTH_H

#include "capture/form.h"

/*
 * Text from which flowsynth makes packets, and Suricata's tests are made:
 * "flow a tcp 192.0.2.1:1025 > 192.0.2.2:25 (tcp.initialize;);" and then
 * "a > (content:"EHLO a\x0d\x0a";);". Content from other files is a gap.
 */
extern const struct ms_form ms_flowsynth;

#endif
