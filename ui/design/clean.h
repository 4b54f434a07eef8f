// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "api/value.h"

#include <string>

namespace keelson::design {

/// A manifest for a live object: without its status, what servers and controllers wrote, and every value that a server
/// would fill in again by itself; in readable order. Pure.
api::Value cleaned(const api::Value& live);

/// Whether an object is somebody else's doing: made by a controller, or there in every namespace or cluster. Such are
/// not worth a manifest.
bool isMadeByOthers(const api::Value& live);

} // namespace keelson::design
