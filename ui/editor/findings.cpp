// SPDX-License-Identifier: GPL-3.0-or-later
#include "editor/findings.h"

#include "widgets/theme.h"

#include <QCoreApplication>
#include <QStringList>

namespace keelson::ui {

using document::Severity;

QString FindingCounts::words() const
{
    QStringList words;
    if (const int errors = of(Severity::Error); errors > 0)
        words << QCoreApplication::translate("Findings", "%n errors", nullptr, errors);
    if (const int warnings = of(Severity::Warning); warnings > 0)
        words << QCoreApplication::translate("Findings", "%n warnings", nullptr, warnings);
    if (const int hints = of(Severity::Hint); hints > 0)
        words << QCoreApplication::translate("Findings", "%n hints", nullptr, hints);
    return words.join(QStringLiteral("  ·  "));
}

StatusRole roleOf(Severity severity)
{
    return severity == Severity::Error     ? StatusRole::Error
           : severity == Severity::Warning ? StatusRole::Waiting
                                           : StatusRole::Progress;
}

QString glyphOf(Severity severity)
{
    return severity == Severity::Error     ? Theme::statusIcon(StatusRole::Error)
           : severity == Severity::Warning ? QStringLiteral("warning")
                                           : QStringLiteral("info");
}

} // namespace keelson::ui
