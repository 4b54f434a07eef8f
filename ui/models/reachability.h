// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/error.h"

#include <QtGlobal>

#include <optional>

namespace keelson::ui {

/// How a cluster answers, worked out from the questions that were put to it. It has neither clock nor network: times
/// are milliseconds from any start, and never go back.
class Reachability {
public:
    enum class State {
        Connected,
        Slow,        ///< A question has waited for longer than `slowAfterMs`.
        Unavailable, ///< The last question failed, and none has been answered since.
    };
    static constexpr qint64 slowAfterMs = 1'500;

    void asked(qint64 nowMs);
    void answered(qint64 nowMs);
    /// A refusal is an answer too; what says that nobody is there, that it is not ready, or that it does not take our
    /// credentials is none.
    void failed(qint64 nowMs, const Error& error);

    bool isAsking() const { return m_askedMs.has_value(); }
    State state(qint64 nowMs) const;
    /// How long there has been no answer.
    qint64 silentMs(qint64 nowMs) const { return nowMs - m_answeredMs; }
    const std::optional<Error>& problem() const { return m_problem; } ///< Why it is unavailable.

private:
    std::optional<qint64> m_askedMs; ///< When the question was put that is still open.
    qint64 m_answeredMs = 0;
    std::optional<Error> m_problem;
};

} // namespace keelson::ui
