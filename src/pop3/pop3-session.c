/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "pop3/pop3-session.h"
