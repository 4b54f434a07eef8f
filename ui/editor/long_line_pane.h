// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/empty_state.h"

#include <QPointer>

#include <string_view>

namespace keelson::ui {

class Manifest;

/// Stands in place of the editor of a text with a line that would hold the window up for seconds, and offers to break
/// it: the document stays the same, and it can be undone.
///
/// Threads: GUI thread; the text is read and broken on another.
class LongLinePane : public EmptyState {
    Q_OBJECT
public:
    /// Longer lines are not shown before the user wants it.
    static constexpr std::size_t bytesMax = std::size_t{512} * 1024;

    explicit LongLinePane(QWidget* parent);

    static std::size_t longestLine(std::string_view text);
    void offer(Manifest& manifest);

signals:
    /// Its lines are broken, or cannot be: it is to be shown as it is now.
    void done(keelson::ui::Manifest* manifest);

private:
    void breakLines();

    QPointer<Manifest> m_manifest;
};

} // namespace keelson::ui
