// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QLabel>

namespace keelson::ui {

/// The heading of a page.
class PageTitle : public QLabel {
    Q_OBJECT
public:
    explicit PageTitle(const QString& text, QWidget* parent = nullptr);

    /// Lowers the words of a widget that is centred in the same row onto the line on which the title stands.
    void alignWords(QWidget& words) const;
};

} // namespace keelson::ui
