// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/clock.h"
#include "client/informer.h"
#include "trace/span.h"

#include <optional>
#include <string>
#include <vector>

namespace keelson::controlloop {

using api::ObjectKey;
using api::Value;

/// What one pass tells the runner: the writes that the next pass of this key must see, and when to look again.
class Pass {
public:
    /// A write that an informer has to show.
    struct Expectation {
        const client::InformerBase* informer = nullptr;
        std::uint64_t revision = 0; ///< Shown when the informer is at this revision; or, when 0,
        ObjectKey gone;             ///< when this object is gone or on its way out.
        std::string goneUid;
    };

    /// The next pass waits until `informer` shows the object that a write returned.
    void wrote(const client::InformerBase& informer, const Value& written);
    /// The next pass waits until `informer` shows that the object is gone or has a deletionTimestamp.
    void removed(const client::InformerBase& informer, const ObjectKey& key, std::string_view uid);
    /// Looks at the key again after `delay`, even when nothing changes. The earliest of several calls holds.
    void lookAgainAfter(Duration delay);

    /// What the pass does for which object, and why, in a sentence; `related`: uids of others that it concerns.
    struct Deed {
        trace::SubjectPtr subject;
        std::string why;
        std::vector<std::string> related;
    };
    /// For traces; the last one holds.
    void does(Deed deed) { m_deed = std::move(deed); }
    const std::optional<Deed>& deed() const { return m_deed; }

    const std::vector<Expectation>& expectations() const { return m_expectations; }
    std::optional<Duration> lookAgain() const { return m_lookAgain; }
    static bool met(const Expectation& expectation);

private:
    std::vector<Expectation> m_expectations;
    std::optional<Duration> m_lookAgain;
    std::optional<Deed> m_deed;
};

/// Makes the cluster agree with one object, from the state that the informers show. Idempotent.
///
/// Threads: called on the runner's executor, never twice at once for one key, at once for different keys.
class Reconciler {
public:
    virtual ~Reconciler() = default;
    /// An error means "later": the key comes back after a delay.
    virtual Result<Done> reconcile(const ObjectKey& key, Pass& pass) = 0;
};

} // namespace keelson::controlloop
