// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "manifests/completion.h"

#include <QFrame>

class QLabel;
class QListWidget;

namespace keelson::ui {

/// Proposals under the cursor with what is known of the chosen one beside them. The editor keeps the focus and hands on
/// the keys that choose.
class CompletionPopup : public QFrame {
    Q_OBJECT
public:
    explicit CompletionPopup(QWidget* editor);

    /// Shows them below `line` (a line's rectangle in the editor), above it where there is more room.
    void open(std::vector<manifests::Proposal> proposals, const QRect& line);
    void step(int rows);
    void takeCurrent();
    QStringList labels() const;
    QString explanation() const; ///< As plain text.

signals:
    void taken(const keelson::manifests::Proposal& proposal);

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    void explainCurrent(int row);

    QWidget* m_editor;
    QListWidget* m_list;
    QLabel* m_explanation;
    std::vector<manifests::Proposal> m_proposals;
};

} // namespace keelson::ui
