// SPDX-License-Identifier: GPL-3.0-or-later
#include "kube/log_place.h"

#include <QStringView>

#include <algorithm>

namespace keelson::kube {

namespace {

constexpr qsizetype secondLength = 19; ///< "2026-01-31T12:00:59"
constexpr size_t seed = 0;

bool isTime(QStringView word)
{
    static constexpr QStringView form = u"dddd-dd-ddTdd:dd:dd";
    if (word.size() <= secondLength)
        return false;
    for (qsizetype i = 0; i < secondLength; ++i)
        if (form[i] == u'd' ? !word[i].isDigit() : word[i] != form[i])
            return false;
    return true;
}

/// Without its fraction: "2026-01-31T12:00:59Z".
QString wholeSecond(QStringView time)
{
    auto zone = time.sliced(secondLength);
    if (zone.startsWith(u'.')) {
        const auto end = std::find_if(zone.begin() + 1, zone.end(), [](QChar c) { return !c.isDigit(); });
        zone = zone.sliced(end - zone.begin());
    }
    return time.first(secondLength).toString() + zone.toString();
}

} // namespace

std::optional<QString> LogPlace::take(const QString& line)
{
    const auto space = line.indexOf(u' ');
    const auto time = QStringView(line).first(space < 0 ? line.size() : space);
    if (!isTime(time))
        return line;
    const auto hash = qHash(line, seed);
    if (const auto again = m_mayRepeat.find(hash); again != m_mayRepeat.end()) {
        if (--*again == 0)
            m_mayRepeat.erase(again);
        return std::nullopt;
    }
    const auto second = wholeSecond(time);
    if (second > m_since) {
        m_since = second;
        m_told.clear();
    }
    if (second == m_since && m_told.size() < linesRememberedMax)
        ++m_told[hash];
    return space < 0 ? QString() : line.sliced(space + 1);
}

} // namespace keelson::kube
