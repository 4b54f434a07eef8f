// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "document/diagnostics.h"
#include "models/status.h"

#include <QString>

#include <array>

namespace keelson::ui {

/// Something to say about a place of an open manifest.
struct Finding {
    quint64 manifest = 0;
    std::size_t document = 0;
    quint64 revision = 0; ///< Of the document's text that was checked.
    document::Diagnostic what;

    bool isError() const { return what.severity == document::Severity::Error; }
};

/// How many findings there are of each severity.
struct FindingCounts {
    std::array<int, 3> bySeverity{};

    void add(document::Severity severity) { ++bySeverity[static_cast<std::size_t>(severity)]; }
    int of(document::Severity severity) const { return bySeverity[static_cast<std::size_t>(severity)]; }
    QString words() const; ///< "1 error  ·  2 warnings"; empty when there are none.
};

StatusRole roleOf(document::Severity severity);
/// The name of an icon; a shape of its own for each severity.
QString glyphOf(document::Severity severity);

} // namespace keelson::ui
