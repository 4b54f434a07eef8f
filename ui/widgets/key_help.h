// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QKeySequence>
#include <QList>
#include <QString>

namespace keelson::ui {

/// What a key does, in words.
struct KeyHelp {
    QString text;
    QList<QKeySequence> keys;
};

/// The keys of a part of the window, under their heading.
struct KeyGroup {
    QString title;
    QList<KeyHelp> keys;
};

} // namespace keelson::ui
