// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/natural_order.h"

namespace keelson::ui {

namespace {

bool isDigit(QChar letter)
{
    return letter >= u'0' && letter <= u'9';
}

/// The digits at `at` without leading zeros; `at` moves behind them.
QStringView takeNumber(QStringView text, qsizetype& at)
{
    while (at < text.size() && text[at] == u'0')
        ++at;
    const auto first = at;
    while (at < text.size() && isDigit(text[at]))
        ++at;
    return text.sliced(first, at - first);
}

} // namespace

int naturalCompare(QStringView a, QStringView b)
{
    qsizetype i = 0;
    qsizetype j = 0;
    while (i < a.size() && j < b.size()) {
        if (isDigit(a[i]) && isDigit(b[j])) {
            const auto left = takeNumber(a, i);
            const auto right = takeNumber(b, j);
            if (left.size() != right.size())
                return left.size() < right.size() ? -1 : 1;
            if (const int order = left.compare(right); order != 0)
                return order;
        } else {
            if (a[i] != b[j])
                return a[i] < b[j] ? -1 : 1;
            ++i;
            ++j;
        }
    }
    if (i < a.size() || j < b.size())
        return j < b.size() ? -1 : 1;
    return a.compare(b); // they differ in leading zeros, or not at all
}

} // namespace keelson::ui
