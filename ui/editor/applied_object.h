// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "kube/api_client.h"

namespace keelson::ui {

/// An object that was applied, and how it is taken back.
struct AppliedObject {
    QString path;
    api::Value before; ///< Null: it was not there.
    api::Value after;  ///< As the apply made it.
};

/// Puts back what was there before, or deletes what was created; never over what somebody has changed since: then the
/// answer is a `Conflict`. What is gone already is taken back.
///
/// Threads: GUI thread; the answer is dropped when `context` goes.
void takeBack(kube::ApiClient& client, const AppliedObject& object, QObject* context,
              const std::function<void(const Result<Done>&)>& answer);

/// What has become of an object whose apply was not answered.
enum class Fate {
    Open,    ///< It is as it was before.
    Applied, ///< It is what was asked for.
    Changed, ///< It is something else.
};
/// The fate of an object that `manifest` was applied to, and the object as it is now.
void lookUp(kube::ApiClient& client, const AppliedObject& object, const api::Value& manifest, QObject* context,
            const std::function<void(const Result<std::pair<Fate, api::Value>>&)>& answer);

} // namespace keelson::ui
