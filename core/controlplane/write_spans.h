// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "registry/write_observer.h"
#include "trace/recorder.h"

namespace keelson::controlplane {

/// Tells a trace of each write: who asked, what allowed it, what admission made of it, and its commit. Events, leases
/// and what nodes report of themselves are left out: they come all the time and lead to nothing.
/// Threads: any. Clock and recorder outlive it.
class WriteSpans : public registry::WriteObserver {
public:
    WriteSpans(trace::Recorder& recorder, const Clock& clock) : m_recorder(recorder), m_clock(clock) {}
    void written(const registry::CommittedWrite& write) override;

private:
    trace::Recorder& m_recorder;
    const Clock& m_clock;
};

} // namespace keelson::controlplane
