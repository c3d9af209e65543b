import { campaign } from './campaign.js'

campaign(1, 2)
