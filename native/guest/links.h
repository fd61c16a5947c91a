/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VIOLIN_GUEST_LINKS_H
#define VIOLIN_GUEST_LINKS_H

/* Takes all vNICs of UML's vector driver down, as far as it goes. */
void links_down(void);

#endif
